"""buildd: builds in the container, diagnostics in the editor. The daemon's package."""

__version__ = "0.2.0"
