"""Runs: how they are queued, executed, observed and stored, and what they found."""
