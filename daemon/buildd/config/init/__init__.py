"""This folder proposes a configuration for `buildd init`, by the toolchain of a directory."""
