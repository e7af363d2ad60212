"""Tests the parsers against the captured output of real tools."""
