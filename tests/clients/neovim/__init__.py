"""The Neovim plugin, in real Neovims."""
