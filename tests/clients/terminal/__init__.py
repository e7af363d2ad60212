"""Tests of the buildd command, as a person at a terminal uses it."""
