"""Everything that can go wrong, each with words for the person in front of it.

::

    RivyaError
    ├── ConfigurationError          a setting is missing or wrong
    ├── InvalidRequestError         a field of the draft is outside what the model takes (also a ValueError)
    ├── ImageError                  the reference image cannot be sent as it is
    ├── TableError                  a list of templates or prompts cannot be read as it is (also a ValueError)
    ├── FilmError                   a film cannot be edited like that
    ├── BudgetError                 the daily credit limit of this studio is reached
    ├── PlanWithdrawnError          a planned clip may not be sent any more; nothing was
    ├── StoreError                  the local database or the disk refused
    │   ├── DatabaseBusyError       another program holds the database
    │   └── NewerDatabaseError      the database belongs to a newer studio
    ├── BrokenVideoError            a delivered file is not a film that plays
    ├── WaitTimeoutError            the caller's patience ended; the clip goes on (also a TimeoutError)
    ├── GenerationError             Rivya ran the generation and it failed
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

``str()`` of an error is for logs: it never holds a key, an ``Authorization`` header or a prompt.
``user_message`` is for people: a gettext key that says cause and remedy; fill it with ``values``.
"""

from __future__ import annotations

from typing import Any

from rivya.i18n import N_
from rivya.words import STATUS_CODES, explain


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


class TableError(RivyaError, ValueError):
    """A list of templates or prompts cannot be read as it is.

    ``line`` counts from 1 (in JSON: the entry) and is ``None`` when the whole file is meant; ``field`` names the
    column. ``user_message`` says the limit and the remedy.
    """

    def __init__(self, user_message: str, *, line: int | None = None, field: str = "", **values: object) -> None:
        filled = {"line": line, "field": field, **values}
        super().__init__(user_message.format(**filled), **filled)
        self.user_message = user_message
        self.line = line
        self.field = field


class FilmError(RivyaError):
    """A film cannot be edited like that; ``user_message`` says what, the limit and the remedy."""

    def __init__(self, user_message: str, **values: object) -> None:
        super().__init__(user_message.format(**values), **values)
        self.user_message = user_message


class BudgetError(RivyaError):
    """The next clip would pass ``RIVYA_DAILY_CREDIT_LIMIT``; ``values``: ``limit``, ``spent``, ``price``."""

    user_message = N_(
        "Today's limit of {limit} credits would be passed: {spent} are spent and this clip costs {price}. "
        "It was not sent. Try again tomorrow, or ask for a higher limit."
    )


class PlanWithdrawnError(RivyaError):
    """A person took back their word on a planned clip, or held the queue, before it was sent. Nothing was spent."""

    user_message = N_("This one was taken out of the queue, so it was not sent. Release it again to make it.")


class StoreError(RivyaError):
    """The local database or the disk refused."""

    user_message = N_(
        "The studio could not write to its own disk, so this was not sent. Free some space and try again."
    )


class DatabaseBusyError(StoreError):
    """Another program has held the database's lock for longer than anybody wants to wait."""

    user_message = N_(
        "Another program is using the history's file and does not let go, so nothing was sent. Close it, or try again."
    )


class NewerDatabaseError(StoreError):
    """The database was made by a newer version of the studio; it is left untouched."""

    user_message = N_(
        "This history was written by a newer version of the studio. Update the studio; nothing was changed."
    )


class BrokenVideoError(RivyaError):
    """A delivered file is not a film that plays; ``str()`` says why. It is fetched again, never paid again."""

    user_message = N_(
        "The file that Rivya delivered does not play. The studio fetches it again. You will not pay again."
    )


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
