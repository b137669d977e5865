"""What a model accepts, as data.

Validation, submission, the engine, the store, the reports and the sandbox read a model's entry in ``MODELS``: a second
model is a second entry. The form offers ``DEFAULT_MODEL``; fields for another, and what people read, are in ``pages``.

Every number here comes from Rivya's own page of the model; see docs/contract.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

BYTES_PER_MB = 1024 * 1024
"""Rivya writes "10 MB" without saying which; we take the larger reading and let Rivya decide the rest."""


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One key of ``params``: a select sends a string, a number sends a number."""

    key: str
    kind: Literal["select", "number"]
    default: str | int
    options: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class UploadSpec:
    """The reference files a model takes: how many, of what kind, how large (bytes)."""

    kind: Literal["image", "video", "audio"]
    max_files: int
    max_bytes: int
    mime_types: tuple[str, ...]


NO_REFERENCE = UploadSpec("image", 0, 0, ())
"""What a model takes that knows no reference at all."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model of Rivya's catalogue: its parameters, limits and price in credits a generation."""

    id: str
    display_name: str
    category: str
    billing_type: str
    base_credits: int
    max_prompt_characters: int
    params: tuple[ParamSpec, ...]
    upload: UploadSpec
    supported_modes: tuple[str, ...]

    def param(self, key: str) -> ParamSpec:
        """Return the parameter called ``key``; ``KeyError`` when the model has none."""
        for param in self.params:
            if param.key == key:
                return param
        raise KeyError(key)

    def clips_for(self, credits_left: float) -> int:
        """Return how many generations ``credits_left`` pay for."""
        return max(int(credits_left // self.base_credits), 0)

    @property
    def defaults(self) -> dict[str, str | int]:
        """The default of each parameter, in the order of Rivya's table."""
        return {param.key: param.default for param in self.params}

    @property
    def takes_reference(self) -> bool:
        """Whether a request may hold a reference file."""
        return self.upload.max_files > 0


def aspect_fraction(aspect_ratio: str) -> Fraction:
    """Turn ``"16:9"`` into width over height."""
    width, height = aspect_ratio.split(":")
    return Fraction(int(width), int(height))


def ordered_shape(params: Mapping[str, object]) -> Fraction | None:
    """Return the width over height that ``params`` ask for; ``None`` when they name no such shape."""
    try:
        return aspect_fraction(str(params["aspect_ratio"]))
    except (KeyError, ValueError, ZeroDivisionError):
        return None


SEED_RANDOM = -1
"""The seed that asks for a new random result; an empty seed means the same."""

MAX_CLIENT_REQUEST_ID_CHARACTERS = 128

SEEDANCE_1_0_PRO = ModelSpec(
    id="seedance-1-0-pro",
    display_name="Seedance 1.0 Pro",
    category="video",
    billing_type="FIXED",
    base_credits=25,
    max_prompt_characters=10_000,
    params=(
        ParamSpec("resolution", "select", "720p", ("480p", "720p", "1080p")),
        ParamSpec("duration", "select", "5", ("5", "10")),
        ParamSpec("aspect_ratio", "select", "16:9", ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")),
        ParamSpec("camera_fixed", "select", "false", ("false", "true")),
        ParamSpec("seed", "number", SEED_RANDOM, minimum=-1, maximum=2_147_483_647),
        ParamSpec("enable_safety_checker", "select", "true", ("true", "false")),
    ),
    upload=UploadSpec("image", 1, 10 * BYTES_PER_MB, ("image/jpeg", "image/png", "image/webp")),
    supported_modes=("text", "file"),
)

_ENTRIES = {spec.id: spec for spec in (SEEDANCE_1_0_PRO,)}

MODELS: Mapping[str, ModelSpec] = MappingProxyType(_ENTRIES)
DEFAULT_MODEL = SEEDANCE_1_0_PRO
