"""LSP: the only folder that imports pygls and lsprotocol. It converts the model to LSP."""

from __future__ import annotations

from buildd.lsp.client import LspClient

__all__ = ["LspClient"]
