"""The output of a run: read as it comes, parsed, joined with what earlier runs found."""
