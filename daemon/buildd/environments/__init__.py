"""Environments while the daemon runs: their containers, hooks, use, renewal and limits."""
