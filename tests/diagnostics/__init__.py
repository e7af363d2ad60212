"""Tests of diagnostics/."""
