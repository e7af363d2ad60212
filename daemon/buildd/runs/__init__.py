"""Runs: queued, executed, recorded, and what they found."""
