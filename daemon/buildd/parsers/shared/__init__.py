"""Holds what the parsers of several tools share: stack frames, carets, excerpts, file names."""
