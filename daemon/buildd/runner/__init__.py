"""The runner: the supervisor inside a warm environment, and its side on the host."""
