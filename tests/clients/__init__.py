"""The clients, in the real programs that they are for."""
