"""`python -m buildd_cli`: the `buildd` command."""

from __future__ import annotations

from buildd_cli.main import main

if __name__ == "__main__":
    main()
