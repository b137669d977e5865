"""Freed memory is given back where the system's library can, and nothing breaks where it cannot."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace

import pytest

from studio.memory import give_back


def test_what_was_freed_is_given_back_at_once(monkeypatch):
    """All of it: none is kept for later."""
    asked = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(malloc_trim=asked.append))
    give_back()
    assert asked == [0]


def refuse(_name):
    raise OSError


@pytest.mark.parametrize("library", [lambda _name: SimpleNamespace(), refuse])
def test_another_system_does_nothing(monkeypatch, library):
    """Neither musl nor another system has the call."""
    monkeypatch.setattr(ctypes, "CDLL", library)
    give_back()
