"""One module for each tool: its text in, diagnostics and test results out."""
