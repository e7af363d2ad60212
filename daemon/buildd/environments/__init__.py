"""Environments while the daemon runs: made, warm, renewed, idle; their hooks and limits."""
