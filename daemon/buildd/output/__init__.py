"""Reads the output of runs: stores it, parses it, and adds what earlier runs found."""
