"""Holds one module for each tool, which turns its text into diagnostics and test results."""
