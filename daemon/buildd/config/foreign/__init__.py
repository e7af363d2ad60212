"""Other tools' configuration files: devcontainer.json and dock.yaml, read as environments."""
