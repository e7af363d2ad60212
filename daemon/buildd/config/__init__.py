"""Configuration: what the files of a project say, as the model; and the user's trust in it.

Nothing in here executes, builds or mounts anything.
"""
