"""Everything that can go wrong, each with words for the person in front of it.

::

    RivyaError
    ├── ConfigurationError          a setting is missing or wrong
    ├── InvalidRequestError         a field of the draft is outside what the model takes (also a ValueError)
    ├── ImageError                  the reference image cannot be sent as it is
    ├── GenerationError             Rivya ran the generation and it failed
    ├── WaitTimeoutError            the caller's patience ended; the generation goes on (also a TimeoutError)
    └── APIError
        ├── APIConnectionError      no answer came
        │   └── APITimeoutError     no answer came in time
        ├── APIResponseError        an answer came that nobody can read
        └── APIStatusError          Rivya answered with an error
            ├── ValidationFailedError
            ├── AuthenticationError
            ├── PermissionDeniedError
            ├── NotFoundError
            ├── InsufficientCreditsError
            ├── IdempotencyConflictError
            ├── RateLimitedError
            ├── ServiceUnavailableError
            ├── WebhookUrlRejectedError
            └── ServerError

The studio's own errors are drawn in ``studio.errors``; they are ``RivyaError``s, too.

``str()`` of an error is for logs: it never holds a key, an ``Authorization`` header or a prompt.
``user_message`` is for people: a gettext key that says cause and remedy; fill it with ``values``.
"""

from __future__ import annotations

from typing import Any, NamedTuple


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark ``message`` for translation without translating it yet."""
    return message


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
        N_("Rivya does not know this clip for this account."),
        N_("Check that the key belongs to the account that made it. Details has the ids for support."),
    ),
    "insufficient_credits": Words(
        N_("There are too few credits for this clip."),
        N_("Nothing was charged. Top up at Rivya, then press Send now: this clip is waiting."),
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
        N_("Your credits came back. Try again; if it fails again, ask for fewer things at once."),
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


def explain(code: str | None, http_status: int | None = None) -> Words:
    """Return cause and remedy for Rivya's ``code``, or for the class of ``http_status`` when the code is new."""
    for candidate in (code, STATUS_CODES.get(http_status or 0)):
        if candidate in _CODES:
            return _CODES[candidate]
    return _BROKEN if (http_status or 500) >= 500 else _REFUSED


class RivyaError(Exception):
    """The root: catch it to catch everything that this package raises on purpose."""

    user_message: str = N_("Something went wrong in the studio. Your clips and credits are safe; please try again.")

    def __init__(self, message: str = "", /, **values: object) -> None:
        super().__init__(message or type(self).__name__)
        self.values = values


class ConfigurationError(RivyaError):
    """A setting is missing or wrong; ``values`` holds ``setting`` and ``remedy``."""

    user_message = N_("The setting {setting} is not usable: {remedy}")


class InvalidRequestError(RivyaError, ValueError):
    """A field is outside what the model takes.

    ``field`` names it as the wire does; ``user_message`` says the limit and the remedy.
    """

    def __init__(self, field: str, user_message: str, **values: object) -> None:
        super().__init__(f"{field}: {user_message.format(**values)}", field=field, **values)
        self.field = field
        self.user_message = user_message


class ImageError(RivyaError):
    """The reference image cannot be sent as it is.

    ``convertible`` is true when a converted copy can be: see ``images.convert``.
    """

    def __init__(self, user_message: str, *, convertible: bool = False, **values: object) -> None:
        super().__init__(user_message.format(**values), **values)
        self.user_message = user_message
        self.convertible = convertible


class WaitTimeoutError(RivyaError, TimeoutError):
    """The caller's patience ended. The generation goes on at Rivya; ask for it again."""

    user_message = N_("This is taking longer than you wanted to wait. It goes on at Rivya; look again later.")


class GenerationError(RivyaError):
    """Rivya ran the generation and it failed; ``generation`` is the whole ``models.Generation``. It was refunded."""

    user_message = N_("Rivya could not finish this one. Your credits came back.")

    def __init__(self, generation: Any) -> None:
        code = generation.error.code if generation.error else "generation_failed"
        super().__init__(f"generation {generation.id} failed: {code}")
        self.generation = generation


class APIError(RivyaError):
    """Any trouble between us and Rivya."""


class APIConnectionError(APIError):
    """No answer came. ``request_sent`` is false only when surely nothing left this machine."""

    user_message = N_("Rivya could not be reached. The studio keeps trying; nothing is charged twice.")

    def __init__(self, message: str = "", *, request_sent: bool = True) -> None:
        super().__init__(message)
        self.request_sent = request_sent


class APITimeoutError(APIConnectionError):
    """No answer came in time."""

    user_message = N_("Rivya did not answer in time. The studio keeps trying; nothing is charged twice.")


class APIResponseError(APIError):
    """An answer came that is not what the contract says. ``http_status`` and ``request_id`` are kept."""

    user_message = N_(
        "Rivya sent an answer that the studio cannot read. The studio keeps trying; nothing is charged twice."
    )

    def __init__(self, message: str, *, http_status: int, request_id: str | None = None) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.request_id = request_id


class APIStatusError(APIError):
    """Rivya answered with an error: ``code``, ``http_status``, ``request_id``, ``retry_after`` (seconds)."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        http_status: int,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code} (HTTP {http_status}, request {request_id or 'unknown'})", message=message)
        self.code = code
        self.message = message
        self.http_status = http_status
        self.request_id = request_id
        self.retry_after = retry_after
        words = explain(code, http_status)
        self.user_message = f"{words.cause} {words.remedy}"


class ValidationFailedError(APIStatusError):
    """The body, the model, the prompt or a parameter is invalid."""


class AuthenticationError(APIStatusError):
    """The key is missing, unknown, revoked or expired."""


class PermissionDeniedError(APIStatusError):
    """The key lacks a scope."""


class NotFoundError(APIStatusError):
    """No such thing, or not this account's."""


class InsufficientCreditsError(APIStatusError):
    """The wallet holds too little; nothing was started."""


class IdempotencyConflictError(APIStatusError):
    """The same ``Idempotency-Key`` was sent with a different body."""


class RateLimitedError(APIStatusError):
    """Too many requests; ``retry_after`` says how long to pause, when Rivya said so."""


class ServiceUnavailableError(APIStatusError):
    """The public API is switched off for now."""


class WebhookUrlRejectedError(APIStatusError):
    """The callback address is not a public HTTPS URL."""


class ServerError(APIStatusError):
    """Something broke at Rivya. The work may have been done all the same."""


_CLASSES: dict[str, type[APIStatusError]] = {
    "validation_failed": ValidationFailedError,
    "api_key_missing": AuthenticationError,
    "api_key_invalid": AuthenticationError,
    "api_key_revoked": AuthenticationError,
    "api_key_expired": AuthenticationError,
    "api_scope_denied": PermissionDeniedError,
    "not_found": NotFoundError,
    "insufficient_credits": InsufficientCreditsError,
    "idempotency_conflict": IdempotencyConflictError,
    "rate_limited": RateLimitedError,
    "public_api_disabled": ServiceUnavailableError,
    "webhook_url_rejected": WebhookUrlRejectedError,
    "generation_failed": APIStatusError,
}


def error_class(code: str, http_status: int) -> type[APIStatusError]:
    """Return the class for ``code``; an unknown code falls back on its HTTP status."""
    known = code if code in _CLASSES else STATUS_CODES.get(http_status)
    if known is not None:
        return _CLASSES[known]
    return ServerError if http_status >= 500 else APIStatusError
