"""The parts of `buildd demo`: a project to break, and an editor without a screen."""
