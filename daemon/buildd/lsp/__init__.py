"""LSP: the only place that imports pygls and lsprotocol; model ↔ LSP."""

from __future__ import annotations

from buildd.lsp.client import LspClient

__all__ = ["LspClient"]
