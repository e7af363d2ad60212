"""Tests of watching/: what is noticed on the disk."""
