"""The connection to the daemon: find it, start it, talk to it, stop it."""
