"""Tests of output/: what is read from a run."""
