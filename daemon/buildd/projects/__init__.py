"""Projects while the daemon runs: each one's parts together, and the list of all."""
