"""The `buildd` command: a thin client of the daemon that uses only the standard library.

`buildd exec` must start fast: what it imports must not import `typing`, `threading` or
`subprocess`, which cost milliseconds.
"""
