"""This folder handles the user's consent: its digest, its summary, its grants and its record."""
