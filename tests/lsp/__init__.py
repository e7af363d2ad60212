"""Tests of the LSP side, through `buildd lsp` as an editor starts it."""
