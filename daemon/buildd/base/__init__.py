"""Helpers that know nothing of projects: logs, text, paths, files, locks, messages and tasks."""
