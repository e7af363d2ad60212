"""The server: its socket, its sessions and the custom methods."""
