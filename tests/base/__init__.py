"""These tests cover base/."""
