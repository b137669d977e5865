"""People are told where they are (Slack, Discord, e-mail …) when a clip ends and when a lead is asked for one.

A notice is a courtesy. It is tried again for an hour, it is sent once by one of all processes, and no trouble with it
touches a clip.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from pydantic import SecretStr

from studio.store import Store
from studio.store.clip import State

log = logging.getLogger(__name__)

AT_ONCE = 10
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

    def __init__(self, store: Store, urls: Sequence[SecretStr], public_url: str | None) -> None:
        self._store = store
        self._urls = urls
        self._public_url = public_url
        self._pause_seconds = 0.0
        self._not_before = 0.0

    def send_due(self) -> int:
        """Tell of the clips that ended within the last hour and of what a lead was asked for; return of how many.

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
