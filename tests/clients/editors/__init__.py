"""Editors with nothing but the configurations in clients/editors, on their screens."""
