"""The wire, spelled as Rivya spells it: strict in what we send, tolerant in what we read."""

from __future__ import annotations

import json
import unicodedata
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from rivya.errors import N_, InvalidRequestError
from rivya.spec import DEFAULT_MODEL, MAX_CLIENT_REQUEST_ID_CHARACTERS, MODELS, ModelSpec, ParamSpec

QUEUED, PROCESSING, SUCCEEDED, FAILED = "queued", "processing", "succeeded", "failed"
FINAL_STATUSES = frozenset({SUCCEEDED, FAILED})


class ReferenceMedia(BaseModel):
    """One item of ``params.referenceMediaItems``."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    url: str
    kind: str = "image"
    name: str | None = None
    mime_type: str | None = Field(None, alias="mimeType")
    duration_seconds: float | None = Field(None, alias="durationSeconds")
    duration_token: str | None = Field(None, alias="durationToken")


class GenerationRequest(BaseModel):
    """What to generate: checked in full when it is made, so that it is never refused for its form later.

    Parameters may be given in ``params`` or by their own names: ``GenerationRequest(prompt="…", duration="10")``.
    Raises ``pydantic.ValidationError`` (a ``ValueError``) that carries an ``InvalidRequestError``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    model: str = DEFAULT_MODEL.id
    prompt: str
    params: dict[str, str | int] = Field(default_factory=dict)
    reference: ReferenceMedia | None = None
    client_request_id: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        fields = {key: value for key, value in given.items() if key in cls.model_fields and key != "params"}
        loose = {key: value for key, value in given.items() if key not in cls.model_fields}
        params = given.get("params") or {}
        if not isinstance(params, dict):
            raise InvalidRequestError("params", N_("The settings must be a table of names and values."))
        params = {**params, **loose}
        items = params.pop("referenceMediaItems", None) or []
        model = str(fields.get("model", DEFAULT_MODEL.id))
        problems = find_problems(fields.get("prompt"), params, model=model)
        problems += _request_id_problems(fields.get("client_request_id"))
        if problems:
            raise problems[0]
        spec = MODELS[model]
        if items or fields.get("reference") is not None:
            fields["reference"] = _only_reference(items, fields.get("reference"), spec)
        return {**fields, "params": {**spec.defaults, **_without_empty_numbers(params, spec)}}

    @property
    def spec(self) -> ModelSpec:
        """The model's entry in the catalogue."""
        return MODELS[self.model]

    def with_reference(self, reference: ReferenceMedia) -> Self:
        """Return a copy that points to an uploaded reference image.

        Raises ``InvalidRequestError`` when the model takes none.
        """
        refuse_reference(self.spec)
        return self.model_copy(update={"reference": reference})

    def body(self) -> dict[str, Any]:
        """Return the JSON body of ``POST /api/v1/generations``."""
        params: dict[str, Any] = dict(self.params)
        if self.reference:
            item = self.reference.model_dump(by_alias=True, exclude_none=True)
            params["referenceMediaItems"] = [item]
        body: dict[str, Any] = {"model": self.model, "prompt": self.prompt, "params": params}
        if self.client_request_id:
            body["client_request_id"] = self.client_request_id
        return body

    def frozen_body(self) -> str:
        """Return the body as the exact text to store and to send with every retry: a changed one is a conflict."""
        return json.dumps(self.body(), ensure_ascii=False, separators=(",", ":"))


def _request_id_problems(value: Any) -> list[InvalidRequestError]:
    limit = MAX_CLIENT_REQUEST_ID_CHARACTERS
    if value is None or (isinstance(value, str) and 0 < len(value) <= limit):
        return []
    return [
        InvalidRequestError(
            "client_request_id",
            N_("client_request_id has to be a text of 1 to {limit} characters. Shorten it, or leave it out."),
            limit=limit,
        )
    ]


def refuse_reference(spec: ModelSpec) -> None:
    """Raise ``InvalidRequestError`` when the model takes no reference image at all."""
    if not spec.takes_reference:
        raise InvalidRequestError(
            "referenceMediaItems", N_("{model} takes no reference image. Remove it."), model=spec.display_name
        )


def _only_reference(items: Any, reference: Any, spec: ModelSpec) -> Any:
    refuse_reference(spec)
    if not items:
        return reference
    if not isinstance(items, list) or len(items) > 1 or reference is not None:
        raise InvalidRequestError(
            "referenceMediaItems", N_("Only {limit} reference image is possible. Remove the others."), limit=1
        )
    return items[0]


def _without_empty_numbers(params: dict[str, Any], spec: ModelSpec) -> dict[str, Any]:
    """Leave out what was left empty, so that the model's default stands: an empty seed is a random one."""
    empty = {param.key for param in spec.params if param.kind == "number" and params.get(param.key) in (None, "")}
    return {key: value for key, value in params.items() if key not in empty}


def utf16_units(text: str) -> int:
    """Return the length of ``text`` as JavaScript counts it: an emoji is two. Which count Rivya means is not known."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def find_problems(prompt: Any, params: dict[str, Any], *, model: str = DEFAULT_MODEL.id) -> list[InvalidRequestError]:
    """List all that keeps a draft from being sent, in the order of the form. An empty list means: send it."""
    spec = MODELS.get(model)
    if spec is None:
        known = ", ".join(MODELS)
        return [
            InvalidRequestError(
                "model", N_("The model {value} is not known. Use one of: {known}."), value=model, known=known
            )
        ]
    problems = [_prompt_problem(prompt, spec)]
    keys = {param.key for param in spec.params}
    problems += [
        InvalidRequestError(
            key, N_("{model} has no setting called {key}. Remove it."), model=spec.display_name, key=key
        )
        for key in params
        if key not in keys
    ]
    problems += [_param_problem(param, params[param.key]) for param in spec.params if param.key in params]
    return [problem for problem in problems if problem is not None]


def _prompt_problem(prompt: Any, spec: ModelSpec) -> InvalidRequestError | None:
    if not isinstance(prompt, str) or _is_blank(prompt):
        return InvalidRequestError("prompt", N_("Write a prompt first: say in a sentence what the clip should show."))
    limit = spec.max_prompt_characters
    if len(prompt) > limit:
        return InvalidRequestError(
            "prompt",
            N_("The prompt has {count} characters and at most {limit} are possible. Shorten it by {excess}."),
            count=len(prompt),
            limit=limit,
            excess=len(prompt) - limit,
        )
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in prompt):
        return InvalidRequestError(
            "prompt", N_("The prompt holds a character that cannot be sent. Type the text again instead of pasting it.")
        )
    return None


_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Fillers and joiners that Unicode counts among letters, signs and marks, and that show nothing."""


def _is_blank(text: str) -> bool:
    return all(
        character.isspace() or character in _BLANK_LETTERS or unicodedata.category(character) in {"Cf", "Cc"}
        for character in text
    )


def _param_problem(param: ParamSpec, value: Any) -> InvalidRequestError | None:
    if param.kind == "select":
        if isinstance(value, str) and value in param.options:
            return None
        if not isinstance(value, str) and str(value).lower() in param.options:
            return InvalidRequestError(
                param.key,
                N_('{key} is sent as text: write "{value}", in quotes.'),
                key=param.key,
                value=str(value).lower(),
            )
        return InvalidRequestError(
            param.key,
            N_("{value} is not possible for {key}. Choose one of: {options}."),
            key=param.key,
            value=_shown(value),
            options=", ".join(param.options),
        )
    if value is None or value == "":
        return None
    minimum, maximum = param.minimum or 0, param.maximum or 0
    if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
        return None
    return InvalidRequestError(
        param.key,
        N_("{value} is not possible for {key}. Use a whole number from {minimum} to {maximum}, or leave it empty."),
        key=param.key,
        value=_shown(value),
        minimum=minimum,
        maximum=maximum,
    )


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


class _Answer(BaseModel):
    """An answer of Rivya: new optional fields may come at any time and are kept."""

    model_config = ConfigDict(extra="allow", frozen=True)


def _as_words(value: Any) -> Any:
    """Read an error of any shape: a bare text is its message, and what is no text becomes one or is left out."""
    if not isinstance(value, dict):
        return {"message": str(value)}
    return {key: item if isinstance(item, str) else str(item) for key, item in value.items() if item is not None}


class GenerationResult(_Answer):
    """Where the finished video lies; links are mortal, so download at once."""

    primary_url: str | None = None
    urls: list[str] = Field(default_factory=list)

    @field_validator("urls", mode="before")
    @classmethod
    def _only_links(cls, value: Any) -> Any:
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    @property
    def url(self) -> str | None:
        """The link to fetch: ``primary_url``, else the first of ``urls``."""
        return self.primary_url or next(iter(self.urls), None)


class GenerationFailure(_Answer):
    """Why a generation failed, in Rivya's words."""

    code: str = "generation_failed"
    message: str = ""

    @model_validator(mode="before")
    @classmethod
    def _words_of_any_shape(cls, value: Any) -> Any:
        return _as_words(value)


class Generation(_Answer):
    """Rivya's task. ``status`` is kept as it came: an unknown one means that it still runs."""

    id: str = Field(min_length=1)
    status: str = QUEUED
    model: str | None = None
    reserved_credits: float = 0
    final_credits: float = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    result: GenerationResult | None = None
    error: GenerationFailure | None = None

    @field_validator("created_at", "updated_at", mode="wrap")
    @classmethod
    def _a_date_or_nothing(cls, value: Any, handler: Any) -> Any:
        try:
            return handler(value)
        except ValueError:
            return None

    @field_validator("reserved_credits", "final_credits", mode="before")
    @classmethod
    def _null_is_zero(cls, value: Any) -> Any:
        return 0 if value is None else value

    @property
    def is_final(self) -> bool:
        """Whether polling may stop."""
        return self.status in FINAL_STATUSES


class UploadedFile(_Answer):
    """A reference file that Rivya keeps. Only ``url`` is certain."""

    url: str = Field(min_length=1)
    id: str | None = None
    kind: str | None = None
    name: str | None = None
    mime_type: str | None = None
    duration_token: str | None = None


class Credits(_Answer):
    """The wallet of the whole account, in credits."""

    current_credits: float


class WebhookEndpoint(_Answer):
    """An address that Rivya calls."""

    id: str
    url: str


class WebhookList(_Answer):
    """All addresses of an account."""

    data: list[WebhookEndpoint]


class ModelInfo(_Answer):
    """One entry of ``GET /api/v1/models``."""

    id: str
    display_name: str | None = None
    api_status: str | None = None
    base_credits: float | None = None


class ApiErrorBody(_Answer):
    """The inside of ``{"error": …}``."""

    code: str = "unknown"
    message: str = ""
    request_id: str | None = Field(None, alias="requestId")

    @model_validator(mode="before")
    @classmethod
    def _words_of_any_shape(cls, value: Any) -> Any:
        return _as_words(value)
