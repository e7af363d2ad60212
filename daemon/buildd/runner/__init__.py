"""This folder runs commands in warm environments: the supervisor, and the host's side of it."""
