"""Finds the rules of a SARIF run, and the texts that its results take from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SOURCES = ((re.compile(r"GNU (?:C|Objective-C|Fortran|Ada)"), "gcc"),)
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d+)\}")
_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)+)\]\(\d+\)")
"""A link to one of the related places, by its number."""


class Rules:
    """Holds the rules of one run: those of the tool and of its extensions."""

    def __init__(self, run: dict[str, Any]) -> None:
        tool = run.get("tool") or {}
        self._driver: dict[str, Any] = tool.get("driver") or {}
        self._extensions: list[dict[str, Any]] = tool.get("extensions") or []
        name = str(self._driver.get("name") or "sarif")
        self.source = next((ours for theirs, ours in _SOURCES if theirs.match(name)), name)
        components = [self._driver, *self._extensions]
        self._by_id = {
            rule["id"]: rule
            for component in reversed(components)
            for rule in component.get("rules") or ()
            if "id" in rule
        }
        self._overrides: dict[str, str] = {}
        for invocation in run.get("invocations") or ():
            for override in invocation.get("ruleConfigurationOverrides") or ():
                self._override(override)

    def of(self, result: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Returns the rule of a result, which may be empty, and the rule's name."""
        reference = result.get("rule") or {}
        code = str(result.get("ruleId") or reference.get("id") or "")
        index = result.get("ruleIndex", reference.get("index", -1))
        rule = self._at(index, reference.get("toolComponent") or {})
        if code and rule.get("id") != code and not code.startswith(f"{rule.get('id')}/"):
            # Look it up by its name, or by that of the rule that it is a part of.
            rule = self._by_id.get(code) or self._by_id.get(code.rpartition("/")[0]) or {}
        return rule, code or str(rule.get("id") or "")

    def level(self, rule: dict[str, Any], code: str) -> str:
        """Returns the level of results that name none."""
        configured = (rule.get("defaultConfiguration") or {}).get("level")
        return self._overrides.get(code) or str(configured or "warning")

    def message(self, message: dict[str, Any] | None, rule: dict[str, Any]) -> str:
        """Returns the text of a message with its arguments put in.

        A message has a text of its own, or names one of the rule or of the tool.
        """
        if not message:
            return ""
        name = message.get("id")
        own = (rule.get("messageStrings") or {}).get(name)
        common = (self._driver.get("globalMessageStrings") or {}).get(name)
        text = message.get("text") or message.get("markdown") or text_of(own or common)
        return _with_arguments(text, message.get("arguments") or ())

    def _at(self, index: Any, component: dict[str, Any]) -> dict[str, Any]:
        rules = self._component(component).get("rules") or ()
        if isinstance(index, int) and 0 <= index < len(rules):
            found: dict[str, Any] = rules[index]
            return found
        return {}

    def _component(self, reference: dict[str, Any]) -> dict[str, Any]:
        index = reference.get("index", -1)
        if isinstance(index, int) and 0 <= index < len(self._extensions):
            return self._extensions[index]
        for extension in self._extensions:
            for key in ("guid", "name"):
                if reference.get(key) and reference[key] == extension.get(key):
                    return extension
        return self._driver

    def _override(self, override: dict[str, Any]) -> None:
        descriptor = override.get("descriptor") or {}
        rule = self._at(descriptor.get("index", -1), descriptor.get("toolComponent") or {})
        code = descriptor.get("id") or rule.get("id")
        if code and (level := (override.get("configuration") or {}).get("level")):
            self._overrides[str(code)] = str(level)


def text_of(message: Mapping[str, Any] | None) -> str:
    """Returns the text of a message; empty if there is no message."""
    if not message:
        return ""
    return str(message.get("text") or message.get("markdown") or "")


def _with_arguments(text: str, arguments: Any) -> str:
    if arguments:

        def value(match: re.Match[str]) -> str:
            if not match[1]:
                return match[0][0]
            number = int(match[1][:4])
            return str(arguments[number]) if number < len(arguments) else match[0]

        text = _PLACEHOLDER.sub(value, text)
    return _LINK.sub(r"\1", text)
