"""Tells which frames of a JVM stack trace are the project's own, and in which files they lie."""

from __future__ import annotations

import re

_FOREIGN = (
    "android.",
    "com.sun.",
    "groovy.",
    "io.kotest.",
    "io.mockk.",
    "java.",
    "javax.",
    "jdk.",
    "junit.",
    "kotlin.",
    "kotlinx.",
    "org.apache.maven.",
    "org.assertj.",
    "org.codehaus.groovy.",
    "org.gradle.",
    "org.hamcrest.",
    "org.junit.",
    "org.mockito.",
    "org.opentest4j.",
    "org.scalatest.",
    "org.spockframework.",
    "org.springframework.",
    "org.testng.",
    "scala.",
    "sun.",
    "worker.org.gradle.",
)
_TEST = re.compile(r"Test[A-Z0-9].*|.*(?:Tests?|TestCase|IT|ITCase|Spec)$")
_LANGUAGES = {"java": "java", "kt": "kotlin", "scala": "scala", "groovy": "groovy"}


def is_own(name: str) -> bool:
    """Returns whether the method with this full name belongs to the project."""
    return not name.startswith(_FOREIGN) and "$$" not in name


def path_of(name: str, file: str, test: str) -> str:
    """Returns where the file of the class or method `name` lies in the usual project layout.

    `test` is the test's class. The path is relative to the module's directory.
    """
    package = "/".join(part for part in name.split(".")[:-1] if part[:1].islower())
    stem, _, extension = file.rpartition(".")
    simple = test.rpartition(".")[2].partition("$")[0]
    side = "test" if stem == simple or _TEST.match(stem) else "main"
    language = _LANGUAGES.get(extension, "java")
    return "/".join(filter(None, ("src", side, language, package, file)))
