"""Docker as an engine: the only folder that imports the Docker SDK."""
