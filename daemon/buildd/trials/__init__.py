"""Trials: tasks that run on a copy of a project, in environments that are thrown away."""
