"""Tests of projects/."""
