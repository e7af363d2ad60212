"""This folder finds files: state directories, sources by name, git's layout, container paths."""
