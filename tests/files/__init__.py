"""Tests of files/: where things are."""
