"""Where the studio lives and how it behaves: environment variables that begin with ``RIVYA_``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rivya.links import is_loopback
from studio.logs import LogFormat

MIN_PASSPHRASE_LENGTH = 8
WEBHOOKS_PATH = "/webhooks/"
"""Where Rivya calls, below ``public_url``."""


def clean_key(key: SecretStr | None) -> SecretStr | None:
    """Return a key without what copying added to it, ``None`` for none. Raises ``ValueError`` for what is no key."""
    text = key.get_secret_value().strip() if key else ""
    if not text:
        return None
    if not text.isascii() or not text.isprintable():
        raise ValueError("RIVYA_API_KEY holds characters that no key has; copy it again")
    return SecretStr(text)


class Settings(BaseSettings):
    """All settings, with the defaults that Rivya's polling advice and our measurements give.

    Without ``api_key`` the studio runs in demo mode: a sandbox inside the process, 500 credits, nothing paid.
    """

    model_config = SettingsConfigDict(
        env_prefix="RIVYA_", extra="forbid", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    api_key: SecretStr | None = None
    base_url: str = "https://rivya.ai"
    data_dir: Path = Path("data")
    database_url: SecretStr | None = None
    poll_first_seconds: float = Field(2.5, gt=0)
    poll_min_seconds: float = Field(5.0, gt=0)
    poll_max_seconds: float = Field(10.0, gt=0)
    max_concurrent_requests: int = Field(8, ge=1, le=64)
    requests_per_minute: int | None = Field(None, ge=1)
    public_url: str | None = None
    passphrase: SecretStr | None = Field(
        None, description="What the team says to come in; without one nobody is asked."
    )
    allowed_people: str = Field("", description="Who may sign in by [auth]: addresses and @domains, with commas.")
    leads: str = Field("", description="Who leads from the start: names or addresses, with commas.")
    lead_passphrase: SecretStr | None = Field(None, description="What a lead says to come in instead of the team's.")
    history: Literal["team", "private"] = Field("team", description="Whether people see each other's clips.")
    keep_days: int | None = Field(
        None, ge=1, description="Clips without a star go to the trash this many days after they were made."
    )
    disk_quota_gb: float | None = Field(None, gt=0, description="From 80 % of it on the studio warns.")
    own_keys: bool = Field(True, description="Whether people may use a key of their own, for clips of their own.")
    log_format: LogFormat = Field("text", description="How events are written to the standard error.")
    run_engine: bool = True
    archive_url: SecretStr | None = None
    daily_credit_limit: int | None = Field(None, ge=0)
    monthly_credit_limit: int | None = Field(None, ge=0)
    person_daily_credit_limit: int | None = Field(None, ge=0)
    person_monthly_credit_limit: int | None = Field(None, ge=0)
    notify_urls: SecretStr | None = Field(
        None, description="Where people are told what ended: addresses as Apprise spells them, with spaces between."
    )
    writer_url: str | None = Field(None, description="An OpenAI-compatible address that improves prompts, with /v1.")
    writer_key: SecretStr | None = None
    writer_model: str = "gpt-4o-mini"
    demo_seconds: float = Field(8.0, gt=0, description="How long the sandbox takes for a clip in demo mode.")
    demo_frames_per_drawing: int = Field(
        1, ge=1, le=48, description="2 or more: a slow computer draws demo videos sooner."
    )
    demo_ready_clips: Path | None = Field(
        None, description="A folder that keeps one demo video of each size and length, drawn once, whatever the prompt."
    )

    @field_validator("api_key")
    @classmethod
    def _no_empty_key(cls, key: SecretStr | None) -> SecretStr | None:
        return clean_key(key)

    @field_validator("base_url")
    @classmethod
    def _https_or_loopback(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
            raise ValueError("RIVYA_BASE_URL must be a plain address such as https://rivya.ai")
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)):
            return url.rstrip("/")
        raise ValueError("RIVYA_BASE_URL must begin with https:// (http:// only for this machine)")

    @field_validator("writer_url")
    @classmethod
    def _https_or_loopback_writer(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
        if not is_safe or not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("RIVYA_WRITER_URL must be https (http:// only for this machine), such as https://host/v1")
        return url.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _origin_only(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        extra = parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment
        if parts.scheme not in {"http", "https"} or not parts.hostname or extra:
            raise ValueError("RIVYA_PUBLIC_URL must be an address such as https://studio.example.com")
        return url.rstrip("/")

    @field_validator("passphrase", "lead_passphrase")
    @classmethod
    def _long_enough(cls, passphrase: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if passphrase is not None and len(passphrase.get_secret_value().strip()) < MIN_PASSPHRASE_LENGTH:
            name = f"RIVYA_{info.field_name}".upper()
            raise ValueError(f"{name} needs {MIN_PASSPHRASE_LENGTH} characters or more")
        return passphrase

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.lead_passphrase and not self.passphrase:
            raise ValueError("RIVYA_LEAD_PASSPHRASE needs RIVYA_PASSPHRASE beside it, for everybody else")
        if self.history == "private" and not (self.passphrase or self.allowed_people.strip()):
            raise ValueError(
                "RIVYA_HISTORY=private needs people who sign in: set RIVYA_PASSPHRASE or RIVYA_ALLOWED_PEOPLE"
            )
        if self.poll_min_seconds > self.poll_max_seconds:
            raise ValueError("RIVYA_POLL_MIN_SECONDS must not be larger than RIVYA_POLL_MAX_SECONDS")
        return self

    @property
    def is_demo(self) -> bool:
        """Whether the studio plays with its own sandbox instead of Rivya."""
        return self.api_key is None

    @property
    def needs_key(self) -> bool:
        """Whether this is the history of a person's own key, which is not here: see ``studio.own_keys``."""
        return self.api_key is not None and not self.api_key.get_secret_value()

    @property
    def database(self) -> str:
        """The database's URL: by default an SQLite file in the data folder."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.resolve() / 'studio.db'}"

    @property
    def masked_key(self) -> str:
        """The key as people may see it: its kind and its last four characters."""
        if self.api_key is None:
            return ""
        key = self.api_key.get_secret_value()
        return f"rvya_sk_…{key[-4:]}" if len(key) >= 16 else "…"
