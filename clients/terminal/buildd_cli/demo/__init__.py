"""What `buildd demo` needs: a project to break, and an editor without a screen."""
