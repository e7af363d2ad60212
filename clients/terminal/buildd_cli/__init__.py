"""The `buildd` command: a thin client of the daemon, on the standard library alone.

What every command imports is weighed in milliseconds: no `typing`, `threading` or `subprocess`
on the way to `buildd exec`.
"""
