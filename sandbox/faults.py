"""Which request meets which fault: the kinds there are, the rules that choose them, the plan that holds the rules.

A rule is a target and a kind, and says how often where that is not always::

    create=reset_after        every creation
    create=reset_after:0.1    each one with a chance of a tenth
    create=reset_after*3      the first three
    create=reset_after@2      only the second
    poll=slow_headers(2.5)    with seconds of its own, for the kinds that take seconds

Numbers count the requests that a rule could hit. Each rule draws from its own seeded numbers once for each of them,
so the same seed and the same requests give the same faults, whatever other rules there are. Where several rules hit
one request, the first wins.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from threading import Lock
from typing import Any

TARGETS: Mapping[str, str] = {
    "create": "POST /api/v1/generations",
    "poll": "GET /api/v1/generations/{taskId}",
    "upload": "POST /api/v1/files",
    "file": "GET /api/v1/files/{fileId}",
    "credits": "GET /api/v1/credits",
    "models": "GET /api/v1/models",
    "download": "GET /results/{taskId}.mp4 and GET /files/{name}",
}
ANY = "any"

_EVERY = frozenset(TARGETS)
_DOWNLOAD = frozenset({"download"})
_JSON = _EVERY - _DOWNLOAD
_TASK = frozenset({"create", "poll"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to go wrong.

    ``seconds`` is the default of a kind that takes seconds; ``times`` how often a rule without a number hits at most;
    ``ranged`` whether it hits only requests with a ``Range``, or only those without.
    """

    name: str
    words: str
    targets: frozenset[str] = _EVERY
    seconds: float | None = None
    times: int | None = None
    ranged: bool | None = None


_ALL_KINDS = (
    Kind("reset_before", "The connection is reset before any work is done."),
    Kind("reset_after", "The work is done, then the connection is reset without an answer."),
    Kind("silence_before", "No work and no answer: the connection is held until the client gives up.", seconds=120),
    Kind("silence_after", "The work is done and no answer comes until the client gives up.", seconds=120),
    Kind("429", "rate_limited without Retry-After; no work."),
    Kind("429_seconds", "rate_limited with Retry-After in seconds; no work.", seconds=2),
    Kind("429_date", "rate_limited with Retry-After as a date; no work.", seconds=2),
    Kind("429_absurd", "rate_limited with a Retry-After of 3000 years; no work."),
    Kind("429_negative", "rate_limited with a negative Retry-After; no work."),
    Kind("500_before", "internal_error; no work."),
    Kind("500_after", "The work is done, then internal_error."),
    Kind("502_html", "A gateway's HTML page with status 502; no work."),
    Kind("503_before", "A 503 of a code that is not documented; no work."),
    Kind("503_after", "The work is done, then a 503 of a code that is not documented."),
    Kind("503_disabled", "public_api_disabled; no work."),
    Kind("504_after", "The work is done, then a gateway's HTML page with status 504."),
    Kind("html_200", "The work is done, then an HTML page with status 200.", _JSON),
    Kind("json_truncated", "The work is done; half of the JSON, with a Content-Length that fits the half.", _JSON),
    Kind("json_wrong", "The work is done; valid JSON of another shape: a list.", _JSON),
    Kind("body_cut", "The work is done; the connection ends before the Content-Length is reached."),
    Kind("drip", "The work is done; the answer dribbles in small pieces.", seconds=3),
    Kind("slow_headers", "The work is done; the answer begins late.", seconds=5),
    Kind("401_revoked", "api_key_revoked, once unless the rule says how often; no work.", _JSON, times=1),
    Kind("402", "insufficient_credits; no work.", _JSON),
    Kind("403_scope", "api_scope_denied; no work.", _JSON),
    Kind("404_poll", "not_found, though it is there.", _EVERY - {"create", "upload"}),
    Kind("409", "idempotency_conflict; no work.", frozenset({"create"})),
    Kind("400", "validation_failed; no work.", _JSON),
    Kind("422_new_code", "A refusal with a code that nobody has documented yet; no work.", _JSON),
    Kind("unknown_status", "The task has the status paused_by_moderation.", _TASK),
    Kind("unknown_fields", "Every object of the answer has a field that nobody knows.", _JSON),
    Kind("redirect_private", "The link redirects to an address inside a private network.", _DOWNLOAD),
    Kind("expired_link", "410 until the task or file is asked for again; once for each.", _DOWNLOAD),
    Kind("wrong_content", "An HTML page with status 200 instead of the video.", _DOWNLOAD),
    Kind("truncate", "The connection ends half way; going on with Range works.", _DOWNLOAD, ranged=False),
    Kind("corrupt", "Every byte is flipped: nothing plays.", _DOWNLOAD),
    Kind("no_range", "Range is ignored: the video comes from its first byte.", _DOWNLOAD, ranged=True),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL_KINDS}

_SECONDS = r"(?:\((?P<seconds>\d+(?:\.\d+)?)\))?"
_FAULT = re.compile(rf"(?P<kind>\w+){_SECONDS}")
_RULE = re.compile(
    rf"(?P<target>\w+)=(?P<fault>\w+{_SECONDS})(?::(?P<chance>\d*\.?\d+)|\*(?P<first>\d+)|@(?P<only>\d+))?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind, with the seconds it takes."""

    kind: Kind
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Visit:
    """What a rule sees of a request: ``subject`` is the id of the task or file it is about."""

    target: str
    subject: str = ""
    ranged: bool = False


@dataclass(slots=True)
class Rule:
    """A rule and its counters: ``matched`` requests it could hit, ``fired`` of them it did."""

    id: int
    text: str
    target: str
    fault: Fault
    numbers: Random
    chance: float = 1.0
    first: int | None = None
    only: int | None = None
    matched: int = 0
    fired: int = 0

    def matches(self, visit: Visit) -> bool:
        """Say whether this rule is about such requests at all."""
        kind = self.fault.kind
        return (
            self.target in {ANY, visit.target} and visit.target in kind.targets and kind.ranged in {None, visit.ranged}
        )

    def draw(self) -> bool:
        """Count a matching request and say whether the fault hits it."""
        self.matched += 1
        if self.only is not None:
            return self.matched == self.only
        if self.first is not None:
            return self.matched <= self.first
        return self.numbers.random() < self.chance


def read_fault(text: str, target: str) -> Fault:
    """Read ``kind`` or ``kind(seconds)``; ``ValueError`` says what is wrong with it.

    A bare HTTP status stands for the first kind of that status: ``500`` is ``500_before``.
    """
    match = _FAULT.fullmatch(text.strip())
    kind = _kind(match["kind"]) if match else None
    if match is None or kind is None:
        raise ValueError(f"unknown fault {text[:80]!r}; known are {', '.join(KINDS)}")
    if target != ANY and target not in kind.targets:
        raise ValueError(f"{kind.name} cannot happen to {target}; it can to {', '.join(sorted(kind.targets))}")
    if match["seconds"] and kind.seconds is None:
        raise ValueError(f"{kind.name} takes no seconds")
    return Fault(kind, float(match["seconds"] or kind.seconds or 0))


def _kind(name: str) -> Kind | None:
    if name in KINDS or not name.isdecimal():
        return KINDS.get(name)
    return next((kind for kind in _ALL_KINDS if kind.name.startswith(f"{name}_")), None)


def read_rule(text: str, *, rule_id: int = 0, seed: str = "") -> Rule:
    """Read a rule; ``ValueError`` says what is wrong with it."""
    match = _RULE.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"{text[:80]!r} is not a rule: write target=kind, target=kind:0.1, target=kind*3, target=kind@2"
        )
    target = match["target"]
    if target not in {ANY, *TARGETS}:
        raise ValueError(f"unknown target {target[:80]!r}; known are {', '.join(TARGETS)}, {ANY}")
    fault = read_fault(match["fault"], target)
    chance = float(match["chance"] or 1)
    if chance > 1:
        raise ValueError(f"{text[:80]!r}: a chance is at most 1")
    first = int(match["first"]) if match["first"] else None
    only = int(match["only"]) if match["only"] else None
    if not match["chance"] and first is None and only is None:
        first = fault.kind.times
    return Rule(rule_id, text.strip(), target, fault, Random(seed), chance, first, only)


@dataclass(slots=True)
class FaultPlan:
    """The rules in force, what they did, and how many requests of each target arrived. Safe between threads."""

    rules: list[Rule] = field(default_factory=list)
    received: Counter[str] = field(default_factory=Counter)
    _dead_links: set[str] = field(default_factory=set)
    _renewed: set[str] = field(default_factory=set)
    _ids: Iterable[int] = field(default_factory=lambda: itertools.count(1))
    _lock: Lock = field(default_factory=Lock)

    def add(self, texts: Sequence[str], seed: int = 0) -> None:
        """Add rules to those in force; ``ValueError`` when one cannot be read, and then none is added."""
        with self._lock:
            self.rules += self._read(texts, seed, self.rules)

    def replace(self, texts: Sequence[str], seed: int = 0) -> None:
        """Put new rules in the place of all; links that died live again."""
        with self._lock:
            self.rules = self._read(texts, seed, [])
            self._dead_links.clear()
            self._renewed.clear()

    def remove(self, rule_id: int) -> bool:
        """Take one rule out of force; say whether it was there."""
        with self._lock:
            kept = [rule for rule in self.rules if rule.id != rule_id]
            found = len(kept) < len(self.rules)
            self.rules = kept
            return found

    def meet(self, visit: Visit, asked: str | None = None) -> Fault | None:
        """Count a request and return the fault that it meets.

        ``asked`` is a fault that the request itself asks for: it wins, and no rule draws. ``ValueError`` when it
        cannot be read.
        """
        with self._lock:
            self.received[visit.target] += 1
            fault = read_fault(asked, visit.target) if asked is not None else self._from_links(visit)
            fault = fault or self._from_rules(visit)
            if fault is not None and fault.kind.name == "expired_link":
                self._dead_links.add(visit.subject)
            return fault

    def report(self) -> list[dict[str, Any]]:
        """Return the rules and their counters."""
        with self._lock:
            return [
                {"id": rule.id, "rule": rule.text, "matched": rule.matched, "fired": rule.fired} for rule in self.rules
            ]

    def _read(self, texts: Sequence[str], seed: int, before: Sequence[Rule]) -> list[Rule]:
        rules: list[Rule] = []
        for text in texts:
            # The same rule twice draws twice, but not the same numbers.
            twins = sum(rule.text == text.strip() for rule in (*before, *rules))
            rules.append(read_rule(text, seed=f"{seed} {twins} {text.strip()}"))
        for rule, rule_id in zip(rules, self._ids, strict=False):
            rule.id = rule_id
        return rules

    def _from_links(self, visit: Visit) -> Fault | None:
        if visit.target == "download":
            return Fault(KINDS["expired_link"]) if visit.subject in self._dead_links else None
        if visit.subject in self._dead_links:
            self._dead_links.discard(visit.subject)
            self._renewed.add(visit.subject)
        return None

    def _from_rules(self, visit: Visit) -> Fault | None:
        matching = [rule for rule in self.rules if self._concerns(rule, visit)]
        hits = [rule for rule in matching if rule.draw()]
        if not hits:
            return None
        hits[0].fired += 1
        return hits[0].fault

    def _concerns(self, rule: Rule, visit: Visit) -> bool:
        renewed = rule.fault.kind.name == "expired_link" and visit.subject in self._renewed
        return rule.matches(visit) and not renewed
