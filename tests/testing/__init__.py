"""Tests of testing/: tests of projects as results."""
