"""What `buildd lsp` does between an editor and the daemon."""
