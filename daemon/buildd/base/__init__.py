"""This folder holds helpers that know nothing about projects: logs, text, columns, safe files."""
