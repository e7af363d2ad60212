"""The rules that a run of SARIF names, and the texts that results take from them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SOURCES = ((re.compile(r"GNU (?:C|Objective-C|Fortran|Ada)"), "gcc"),)
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d+)\}")
_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)+)\]\(\d+\)")
"""A link to one of the related places, by its number."""


class Rules:
    """Of one run: those of the tool itself, and of its extensions."""

    def __init__(self, run: dict[str, Any]) -> None:
        tool = run.get("tool") or {}
        self._driver: dict[str, Any] = tool.get("driver") or {}
        self._extensions: list[dict[str, Any]] = tool.get("extensions") or []
        name = str(self._driver.get("name") or "sarif")
        self.source = next((ours for theirs, ours in _SOURCES if theirs.match(name)), name)
        components = [self._driver, *self._extensions]
        self._by_id = {
            rule["id"]: rule
            for one in reversed(components)
            for rule in one.get("rules") or ()
            if "id" in rule
        }
        self._overrides: dict[str, str] = {}
        for invocation in run.get("invocations") or ():
            for one in invocation.get("ruleConfigurationOverrides") or ():
                self._override(one)

    def of(self, result: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """The rule of a result, perhaps empty, and its name."""
        reference = result.get("rule") or {}
        code = str(result.get("ruleId") or reference.get("id") or "")
        index = result.get("ruleIndex", reference.get("index", -1))
        rule = self._at(index, reference.get("toolComponent") or {})
        if code and rule.get("id") != code and not code.startswith(f"{rule.get('id')}/"):
            # By its name, or by the one of which it is a part.
            rule = self._by_id.get(code) or self._by_id.get(code.rpartition("/")[0]) or {}
        return rule, code or str(rule.get("id") or "")

    def level(self, rule: dict[str, Any], code: str) -> str:
        """How bad results are that do not say it."""
        configured = (rule.get("defaultConfiguration") or {}).get("level")
        return self._overrides.get(code) or str(configured or "warning")

    def message(self, message: dict[str, Any] | None, rule: dict[str, Any]) -> str:
        """A message's own text, or that of its name, with its arguments put in."""
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
        for one in self._extensions:
            for key in ("guid", "name"):
                if reference.get(key) and reference[key] == one.get(key):
                    return one
        return self._driver

    def _override(self, one: dict[str, Any]) -> None:
        descriptor = one.get("descriptor") or {}
        rule = self._at(descriptor.get("index", -1), descriptor.get("toolComponent") or {})
        code = descriptor.get("id") or rule.get("id")
        if code and (level := (one.get("configuration") or {}).get("level")):
            self._overrides[str(code)] = str(level)


def text_of(message: Mapping[str, Any] | None) -> str:
    """The text of a message that has one."""
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
