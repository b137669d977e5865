"""What people read when something went wrong: cause and remedy for each code, Rivya's and our own."""

from __future__ import annotations

import re
from typing import NamedTuple

from rivya.i18n import N_


class Words(NamedTuple):
    """What happened and what helps, as gettext keys."""

    cause: str
    remedy: str


_KEY_REMEDY = N_("Put a working key into RIVYA_API_KEY and start the studio again.")

_CODES: dict[str, Words] = {
    "validation_failed": Words(
        N_("Rivya did not accept one of the settings."),
        N_("Nothing was charged. Change the setting that Rivya names and try again."),
    ),
    "api_key_missing": Words(N_("No API key was sent."), _KEY_REMEDY),
    "api_key_invalid": Words(N_("Rivya does not know this API key."), _KEY_REMEDY),
    "api_key_revoked": Words(N_("This API key was revoked."), _KEY_REMEDY),
    "api_key_expired": Words(N_("This API key has expired."), _KEY_REMEDY),
    "api_scope_denied": Words(
        N_("This API key is not allowed to do that."),
        N_("Give the key the missing permission at Rivya, or use another key."),
    ),
    "not_found": Words(
        N_("Rivya does not know this task for this account."),
        N_("Check that the key belongs to the account that made the clip. Support can look it up by its task id."),
    ),
    "insufficient_credits": Words(
        N_("There are too few credits for this clip."),
        N_("Nothing was started or charged. Top up at Rivya, then press Send now: this very clip is waiting."),
    ),
    "idempotency_conflict": Words(
        N_("Rivya has seen this request before with other contents."),
        N_("Look at your balance at Rivya first; then make it as a new clip if it is missing."),
    ),
    "rate_limited": Words(
        N_("Rivya asks for a short pause."),
        N_("The studio tries for some minutes; after that it waits for you to send it."),
    ),
    "public_api_disabled": Words(
        N_("Rivya's API is switched off for now."),
        N_("The studio tries for some minutes; after that it waits for you to send it."),
    ),
    "webhook_url_rejected": Words(
        N_("Rivya does not accept this callback address."), N_("Use a public HTTPS address without credentials.")
    ),
    "generation_failed": Words(
        N_("Rivya could not finish this one."),
        N_("Your credits came back. Try again, or change the prompt a little."),
    ),
}

STATUS_CODES: dict[int, str] = {
    400: "validation_failed",
    401: "api_key_missing",
    402: "insufficient_credits",
    403: "api_scope_denied",
    404: "not_found",
    409: "idempotency_conflict",
    429: "rate_limited",
    503: "public_api_disabled",
}
"""The documented code that stands for a status when Rivya's own code is new to us."""

DOCUMENTED_CODES = tuple(_CODES)

_REFUSED = Words(N_("Rivya refused this request."), N_("Nothing was charged. Rivya's own words say more."))
_BROKEN = Words(
    N_("Something broke at Rivya."), N_("The studio repeats the very same request, which cannot be charged twice.")
)

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
        N_("Nothing was sent yet. The studio tries for some minutes; after that it waits for you to send it."),
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
        N_("With another account's key the clip would be charged anew. Put the first key back, or decide here."),
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
    N_("Your credits came back. Edit the prompt or take another picture; the same ones would be stopped again."),
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
    known = LOCAL_WORDS | _CODES
    for candidate in (code, STATUS_CODES.get(http_status or 0)):
        if candidate in known:
            return known[candidate]
    return _BROKEN if (http_status or 500) >= 500 else _REFUSED
