"""Tests of environments/ on real engines."""
