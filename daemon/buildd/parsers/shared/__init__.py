"""What several tools print alike: frames of traces, carets, excerpts, names of files."""
