"""Words in a prompt that make the sandbox play a documented ending, so that each can be seen without waiting for it.

Tags that play several times count for each ``Idempotency-Key`` (without one, for each body), or for each task. The
counts live as long as the sandbox does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from sandbox.errors import ApiError

TAGS: Mapping[str, str] = {
    "#fail": "The generation fails; its credits come back.",
    "#unsafe": "The safety checker stops the generation, unless it is switched off; its credits come back.",
    "#slow": "The generation takes much longer.",
    "#insufficient": "Refused: too few credits. Nothing is charged.",
    "#invalid": "Refused: a setting is not accepted. Nothing is charged.",
    "#conflict": "Refused: the Idempotency-Key was used with another body. Nothing is charged.",
    "#revoked": "Refused: the API key was revoked. Nothing is charged.",
    "#scope": "Refused: the API key lacks a permission. Nothing is charged.",
    "#ratelimited": "Two times a pause of 5 seconds is asked for, then it goes on.",
    "#disabled": "Two times the API is switched off, then it goes on.",
    "#lost": "Created and charged once, but the first two answers never arrive.",
    "#error500": "Created and charged once, but the first answer is an internal error.",
    "#vanish": "Created, but the first three looks do not find the task.",
    "#expired": "The video is made, but its link is dead for the first two downloads.",
    "#broken": "The video is made, but the first download of it does not play.",
}

_TAG = re.compile(r"(?<!\w)#\w+")


def _refusals() -> Mapping[str, ApiError]:
    return {
        "#insufficient": ApiError("insufficient_credits", "The balance is too low. (Rehearsed.)"),
        "#invalid": ApiError("validation_failed", "prompt: is not accepted. (Rehearsed.)"),
        "#conflict": ApiError("idempotency_conflict", "This Idempotency-Key had a different body. (Rehearsed.)"),
        "#revoked": ApiError("api_key_revoked", "This API key was revoked. (Rehearsed.)"),
        "#scope": ApiError("api_scope_denied", "This API key lacks the scope generations:create. (Rehearsed.)"),
    }


@dataclass(slots=True)
class Rehearsal:
    """What each tag has played so far. Safe between threads."""

    _played: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def before_creation(self, prompt: str, key: str) -> None:
        """Raise the refusal that the prompt asks for."""
        tags = _tags(prompt)
        for tag, refusal in _refusals().items():
            if tag in tags:
                raise refusal
        if "#ratelimited" in tags and self._plays("#ratelimited", key, 2):
            raise ApiError("rate_limited", "Try again in 5 s. (Rehearsed.)", headers={"Retry-After": "5"})
        if "#disabled" in tags and self._plays("#disabled", key, 2):
            raise ApiError("public_api_disabled", "The public API is switched off. (Rehearsed.)")

    def after_creation(self, prompt: str, key: str) -> str | None:
        """Return the kind of fault that befalls the answer to a creation."""
        tags = _tags(prompt)
        if "#lost" in tags and self._plays("#lost", key, 2):
            return "reset_after"
        if "#error500" in tags and self._plays("#error500", key, 1):
            return "500_after"
        return None

    def before_look(self, prompt: str, task_id: str) -> None:
        """Raise ``not_found`` for a task that has vanished for a while."""
        if "#vanish" in _tags(prompt) and self._plays("#vanish", task_id, 3):
            raise ApiError("not_found", "There is no such generation. (Rehearsed.)")

    def before_download(self, prompt: str, task_id: str) -> str | None:
        """Raise for a dead link; return the kind of fault that befalls the video."""
        tags = _tags(prompt)
        if "#expired" in tags and self._plays("#expired", task_id, 2):
            raise ApiError("link_expired", "This link has expired. (Rehearsed.)", status=410)
        return "corrupt" if "#broken" in tags and self._plays("#broken", task_id, 1) else None

    def _plays(self, tag: str, subject: str, times: int) -> bool:
        with self._lock:
            self._played[tag, subject] += 1
            return self._played[tag, subject] <= times


def _tags(prompt: str) -> frozenset[str]:
    return frozenset(_TAG.findall(prompt))
