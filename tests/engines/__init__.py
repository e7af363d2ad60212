"""These tests cover engines/."""
