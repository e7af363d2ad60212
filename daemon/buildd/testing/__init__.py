"""This folder finds where a project's tests are declared, and how to run some of them only."""
