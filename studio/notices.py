"""People are told where they are: Slack, Discord, Teams, e-mail or any address that Apprise knows, when a clip ends.

A notice is a courtesy. It is tried again for an hour, it is sent once by one of all processes, and no trouble with it
touches a clip.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from pydantic import SecretStr

from studio.store import Store
from studio.store.clip import Clip, State

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
        """Tell of the clips that ended within the last hour and were not told of; return of how many.

        Waits for the network. After a failure the same clips are told later, with growing pauses.
        """
        if time.monotonic() < self._not_before:
            return 0
        told = 0
        for clip in self._store.clips.take_untold(within_seconds=TOLD_WITHIN_SECONDS, limit=AT_ONCE):
            if self._tell(clip):
                told += 1
                self._pause_seconds = 0.0
                continue
            self._store.clips.put_back_untold(clip.id)
            self._pause_seconds = min(max(2 * self._pause_seconds, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            self._not_before = time.monotonic() + self._pause_seconds
        return told

    def _tell(self, clip: Clip) -> bool:
        from apprise import Apprise  # noqa: PLC0415 - 300 ms that only those pay who want notices

        words = " ".join(clip.prompt.split())
        shown = words if len(words) <= PROMPT_CHARACTERS else f"{words[: PROMPT_CHARACTERS - 1]}…"
        link = f"\n{self._public_url}/?clip={clip.id}" if self._public_url else ""
        apprise = Apprise()
        for url in self._urls:
            apprise.add(url.get_secret_value())
        try:
            done = bool(apprise.notify(title=_TITLES.get(clip.state, "Clip ended"), body=f"{shown}{link}"))
        except Exception as error:  # noqa: BLE001 - any of a hundred services may fail in its own way
            log.warning("a notice could not be sent: %s", type(error).__name__)
            return False
        if not done:
            log.warning("a notice could not be sent; it is tried again")
        return done
