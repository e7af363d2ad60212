"""Benchmarks: figures side by side from one run. No test asserts them."""
