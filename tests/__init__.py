"""The tests: real engines, real compilers, real editors."""
