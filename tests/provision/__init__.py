"""Tests of the set-up's own scripts."""
