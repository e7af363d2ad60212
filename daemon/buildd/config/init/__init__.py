"""What `buildd init` proposes: toolchains, their images and tasks."""
