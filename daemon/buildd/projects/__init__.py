"""Projects while the daemon runs: the parts of each one, and the list of all."""
