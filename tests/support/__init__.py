"""Helpers of the tests: a daemon, a client of its socket, projects."""
