"""Which diagnostics show in a file, who owns each, and where its line is now."""
