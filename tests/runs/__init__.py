"""Tests of runs/ through a real daemon."""
