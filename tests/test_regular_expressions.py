"""No text makes a regular expression work for long: each is fed what is worst for it, and the whole ends in time."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import fields, is_dataclass

import pytest

import rivya
import sandbox
import server
import studio
import ui

CHARACTERS = 2_000
"""What grows with the third power of these takes hours; with the second, milliseconds."""

WORST = ["a", " ", "\t\n", "1", "#", "{", "}", '"', "'", "(5", "[ ", "=", ",", ", ", "_", "é", "আ", "-", "a ", "1 ", "0.0",
         "x:", "/a", "says ", "text ", "লেখা "]  # fmt: skip


def patterns(found: object) -> set[re.Pattern[str]]:
    """Return every pattern in a module's value, however deep it lies."""
    if isinstance(found, re.Pattern):
        return {found} if isinstance(found.pattern, str) else set()
    if is_dataclass(found) and not isinstance(found, type):
        return set().union(*(patterns(getattr(found, each.name)) for each in fields(found)))
    if isinstance(found, dict):
        return set().union(*map(patterns, found.values()))
    return set().union(*map(patterns, found)) if isinstance(found, list | tuple | set | frozenset) else set()


def all_patterns() -> list[re.Pattern[str]]:
    """Return the patterns of all packages whose modules can be imported alone."""
    found: set[re.Pattern[str]] = set()
    for package in (rivya, studio, sandbox, server, ui):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "__main__" not in module.name and "migrations" not in module.name:
                found |= patterns(list(vars(importlib.import_module(module.name)).values()))
    return sorted(found, key=lambda pattern: pattern.pattern)


@pytest.mark.timeout(60)
def test_every_pattern_ends_on_the_worst_text():
    """Found this way: a prompt of a thousand spaces had the advice on written words work for hours."""
    found = all_patterns()
    assert len(found) > 40
    for pattern in found:
        for unit in WORST:
            text = unit * (CHARACTERS // len(unit)) + "\x01"
            assert all(True for _ in pattern.finditer(text))
            pattern.fullmatch(text)
