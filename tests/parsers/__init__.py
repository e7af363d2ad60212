"""Tests of the parsers: real captured output, and what must be found in it."""
