"""Trials: tasks that run on a copy of a project, in temporary environments."""
