"""The answers of the sandbox, as the wire spells them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from rivya.spec import ModelSpec, ParamSpec


def timestamp(moment: datetime) -> str:
    """Spell a moment as Rivya does: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ErrorDetail(BaseModel):
    """What went wrong; ``code`` is the contract."""

    code: str
    message: str
    requestId: str  # noqa: N815 - the wire's spelling


class ErrorAnswer(BaseModel):
    """The body of every refusal."""

    error: ErrorDetail


class CreditsAnswer(BaseModel):
    """The balance of the account."""

    current_credits: int


class TaskResult(BaseModel):
    """Where the finished video is."""

    primary_url: str
    urls: list[str]


class TaskError(BaseModel):
    """Why a generation failed."""

    code: str
    message: str


class TaskAnswer(BaseModel):
    """A generation: the answer to its creation and to each poll."""

    id: str
    status: Literal["queued", "processing", "succeeded", "failed"]
    model: str
    reserved_credits: int
    final_credits: int
    created_at: str
    updated_at: str
    result: TaskResult | None
    error: TaskError | None


class FileAnswer(BaseModel):
    """An uploaded reference file."""

    id: str
    object: Literal["file"] = "file"
    kind: str
    url: str
    name: str
    mime_type: str
    size_bytes: int
    created_at: str


class ParamAnswer(BaseModel):
    """One key that ``params`` takes."""

    key: str
    type: Literal["select", "number"]
    required: bool = False
    default: str | int
    options: list[str] | None = None
    min: int | None = None
    max: int | None = None

    @classmethod
    def of(cls, param: ParamSpec) -> ParamAnswer:
        """Spell a parameter of the specification."""
        return cls(
            key=param.key,
            type=param.kind,
            default=param.default,
            options=list(param.options) or None,
            min=param.minimum,
            max=param.maximum,
        )


class ReferenceMedia(BaseModel):
    """The reference files that a model takes."""

    kind: str
    max_files: int
    max_bytes: int
    mime_types: list[str]


class ModelAnswer(BaseModel):
    """A model of the catalogue."""

    id: str
    display_name: str
    category: str
    runtime: Literal["async_task"] = "async_task"
    base_credits: int
    billing_type: str
    supported_modes: list[str]
    max_prompt_length: int
    reference_media: list[ReferenceMedia]
    params: list[ParamAnswer]
    api_status: str = "available"
    api_input_status: str = "available_url_input"
    supported_api_inputs: list[str]
    requires_files_api: bool = False
    requires_upload_for_modes: list[str]
    url_input_supported: bool = True
    file_kinds: list[str]
    chat_capabilities: None = None
    notices: list[str]

    @classmethod
    def of(cls, spec: ModelSpec) -> ModelAnswer:
        """Spell a model of the specification."""
        upload = spec.upload
        media = ReferenceMedia(
            kind=upload.kind,
            max_files=upload.max_files,
            max_bytes=upload.max_bytes,
            mime_types=list(upload.mime_types),
        )
        return cls(
            id=spec.id,
            display_name=spec.display_name,
            category=spec.category,
            base_credits=spec.base_credits,
            billing_type=spec.billing_type,
            supported_modes=list(spec.supported_modes),
            max_prompt_length=spec.max_prompt_characters,
            reference_media=[media] if spec.takes_reference else [],
            params=[ParamAnswer.of(param) for param in spec.params],
            supported_api_inputs=list(spec.supported_modes),
            requires_upload_for_modes=["file"] if spec.takes_reference else [],
            file_kinds=[upload.kind] if spec.takes_reference else [],
            notices=["Simulation: no model runs and no real credits are spent."],
        )


class ModelList(BaseModel):
    """The catalogue."""

    object: Literal["list"] = "list"
    data: list[ModelAnswer]
