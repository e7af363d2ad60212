"""These tests cover files/."""
