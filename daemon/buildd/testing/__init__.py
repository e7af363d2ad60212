"""Tests of a project: where each is declared, how a tool is told to run some of them."""
