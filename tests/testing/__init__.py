"""These tests cover testing/."""
