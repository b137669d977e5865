"""What people read when something went wrong: cause and remedy for each code.

Here are those of our own codes, and the way to all: Rivya's codes have theirs in ``rivya.errors``.
"""

from __future__ import annotations

import re

from rivya import errors
from rivya.errors import Words
from studio.i18n import N_

LOCAL_WORDS: dict[str, Words] = {
    "no_answer": Words(
        N_("We do not know yet whether Rivya started this."),
        N_("Asking again cannot charge twice; the studio does so by itself."),
    ),
    "unreadable_answer": Words(
        N_("Rivya's answer could not be read."), N_("Asking again cannot charge twice; the studio does so by itself.")
    ),
    "not_connected": Words(
        N_("Rivya cannot be reached from here."),
        N_("Nothing was sent. The studio tries for some minutes, then it waits for your press."),
    ),
    "not_sent": Words(
        N_("The studio was not running when this was to be sent."),
        N_("Nothing was started or charged. Send it now, or delete it."),
    ),
    "too_old_to_repeat": Words(
        N_("Rivya never answered, and too much time has passed to ask again safely."),
        N_("Compare your balance before you start it again: Rivya may have made this clip already."),
    ),
    "key_changed": Words(
        N_("Rivya never answered, and the studio has another API key now."),
        N_("Another account would pay again. Put the first key back, or decide here."),
    ),
    "download_failed": Words(
        N_("The clip is finished at Rivya but is not saved here yet."),
        N_("The studio keeps fetching it. You will not pay again."),
    ),
    "broken_video": Words(
        N_("The file that Rivya delivered does not play."), N_("The studio fetches it again. You will not pay again.")
    ),
    "reference_missing": Words(
        N_("The reference image is no longer in the data folder."),
        N_("Nothing was charged. Add the image again and press Generate."),
    ),
}
"""Words for what only the studio can know, under codes of our own that Rivya does not use."""

_SAFETY_STOP = Words(
    N_("Stopped by the safety checker."),
    N_("Your credits came back. Edit the prompt, or the picture if there is one."),
)

_SAFETY_WORDS = re.compile(r"safety|moderat|content.?polic|nsfw|sensitive|inappropriate|prohibited", re.IGNORECASE)
"""How services name such a stop; which words Rivya uses is not documented."""


def is_safety_stop(code: str, message: str) -> bool:
    """Tell from Rivya's own words whether a failure is a stop of the safety checker."""
    return bool(_SAFETY_WORDS.search(code) or _SAFETY_WORDS.search(message))


def explain(code: str | None, http_status: int | None = None, message: str = "") -> Words:
    """Return cause and remedy for ``code``, or for the class of ``http_status`` when the code is new.

    ``message`` is Rivya's own sentence on a generation that failed.
    """
    if http_status is None and code not in LOCAL_WORDS and is_safety_stop(code or "", message):
        return _SAFETY_STOP
    return LOCAL_WORDS.get(code or "") or errors.explain(code, http_status)
