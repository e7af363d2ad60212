"""These tests cover runner/."""
