"""This folder reads the configuration of a project, and records the user's trust in it.

Nothing here executes, builds or mounts anything.
"""
