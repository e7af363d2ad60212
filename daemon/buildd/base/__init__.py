"""Helpers that know nothing of projects: logs, text, columns, safe file access, shared tasks."""
