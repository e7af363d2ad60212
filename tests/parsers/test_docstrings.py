"""Checks that public methods of parsers have a docstring, or override a method that has one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import buildd.parsers.documents
import buildd.parsers.tools


def classes() -> Iterator[type]:
    """Yields the classes that `parsers/documents/` and `parsers/tools/` define."""
    for folder in (buildd.parsers.documents, buildd.parsers.tools):
        for found in pkgutil.walk_packages(folder.__path__, f"{folder.__name__}."):
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                if inspect.isclass(value) and value.__module__ == module.__name__:
                    yield value


def test_public_methods_are_documented() -> None:
    # ruff's D102 asks overrides for a docstring, too; `getdoc` finds the one of the base class.
    missing = [
        f"{found.__module__}.{found.__qualname__}.{name}"
        for found in classes()
        for name, value in vars(found).items()
        if not name.startswith("_") and inspect.isfunction(value)
        if not inspect.getdoc(getattr(found, name))
    ]
    assert not missing
