"""The documents' commands, run as they are written."""
