"""What a model accepts, as data.

Validation, submission, the engine and the sandbox read a model's entry in ``MODELS``. The form, the plan queue and the
reports still stand on ``DEFAULT_MODEL``: a second model in the pages needs fields and labels of its own.

Every number here comes from Rivya's own page of the model; see docs/contract.md.
"""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model of Rivya's catalogue: its parameters, limits and price in credits a run."""

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

    @property
    def defaults(self) -> dict[str, str | int]:
        """The default of each parameter, in the order of Rivya's table."""
        return {param.key: param.default for param in self.params}


def aspect_fraction(aspect_ratio: str) -> Fraction:
    """Turn ``"16:9"`` into width over height."""
    width, height = aspect_ratio.split(":")
    return Fraction(int(width), int(height))


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

MODELS: MappingProxyType[str, ModelSpec] = MappingProxyType({SEEDANCE_1_0_PRO.id: SEEDANCE_1_0_PRO})
DEFAULT_MODEL = SEEDANCE_1_0_PRO
