"""People are told where they are (Slack, Discord, e-mail …): a clip ended, a lead is asked, a budget is nearly spent.

A notice is a courtesy. It is tried again for an hour, it is sent once by one of all processes, and no trouble with it
touches a clip.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from pydantic import SecretStr

from studio.store import Store
from studio.store.budget import NO_LIMITS, Limits
from studio.store.clip import State

log = logging.getLogger(__name__)

AT_ONCE = 10
BUDGETS_SECONDS = 30.0
TOLD_WITHIN_SECONDS = 3600.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 10.0, 600.0
PROMPT_CHARACTERS = 120
_TITLES = {
    State.SUCCEEDED: "Clip finished",
    State.FAILED: "Clip failed, credits came back",
    State.REFUSED: "Clip refused, nothing was charged",
}


class Notices:
    """Tells ``urls`` (Apprise's spelling, each holds a secret) what ended; ``public_url`` makes links to the clips."""

    def __init__(
        self, store: Store, urls: Sequence[SecretStr], public_url: str | None, limits: Limits = NO_LIMITS
    ) -> None:
        self._store = store
        self._urls = urls
        self._public_url = public_url
        self._limits = limits
        self._pause_seconds = 0.0
        self._not_before = 0.0
        self._next_budgets = 0.0

    def send_due(self) -> int:
        """Tell of clips that ended within the last hour, of what a lead is asked for, of budgets; return how many.

        Each is told once. Waits for the network. After a failure the same are told later, with growing pauses.
        """
        if time.monotonic() < self._not_before:
            return 0
        told = 0
        for clip in self._store.clips.take_untold(within_seconds=TOLD_WITHIN_SECONDS, limit=AT_ONCE):
            link = f"/?clip={clip.id}"
            if self._tell(_TITLES.get(clip.state, "Clip ended"), clip.prompt, link):
                told += 1
            else:
                self._store.clips.put_back_untold(clip.id)
        for plan in self._store.plans.take_untold(within_seconds=TOLD_WITHIN_SECONDS, limit=AT_ONCE):
            if self._tell(f"{plan.person or 'Somebody'} asks for a clip", plan.prompt, "/queue"):
                told += 1
            else:
                self._store.plans.put_back_untold(plan.id)
        return told + self._tell_of_budgets()

    def _tell_of_budgets(self) -> int:
        if time.monotonic() < self._next_budgets:
            return 0
        self._next_budgets = time.monotonic() + BUDGETS_SECONDS
        told = 0
        for budget in self._store.budget_notices.take_untold(self._limits):
            whose = "The studio's" if budget.person is None else f"{budget.person or 'The nameless'}:"
            state = "is spent" if budget.is_reached else f"is {budget.spent / max(budget.limit, 1):.0%} spent"
            words = f"{budget.spent} of {budget.limit} credits of this {budget.span} (UTC)."
            if self._tell(f"{whose} budget of the {budget.span} {state}", words, "/credits"):
                told += 1
            else:
                self._store.budget_notices.put_back(budget)
        return told

    def _tell(self, title: str, prompt: str, path: str) -> bool:
        """Send one notice; after a failure wait longer each time before the next look."""
        from apprise import Apprise  # noqa: PLC0415 - 300 ms that only those pay who want notices

        words = " ".join(prompt.split())
        shown = words if len(words) <= PROMPT_CHARACTERS else f"{words[: PROMPT_CHARACTERS - 1]}…"
        link = f"\n{self._public_url}{path}" if self._public_url else ""
        apprise = Apprise()
        for url in self._urls:
            apprise.add(url.get_secret_value())
        try:
            done = bool(apprise.notify(title=title, body=f"{shown}{link}"))
        except Exception as error:  # noqa: BLE001 - any of a hundred services may fail in its own way
            log.warning("a notice could not be sent: %s", type(error).__name__)
            done = False
        if done:
            self._pause_seconds = 0.0
            return True
        log.warning("a notice could not be sent; it is tried again")
        self._pause_seconds = min(max(2 * self._pause_seconds, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._not_before = time.monotonic() + self._pause_seconds
        return False
