"""Is everything in order? Looks at key, wallet, clock, disk, database and videos, and spends nothing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import sqlalchemy as sa

from rivya.client import probe_upload
from rivya.errors import APIConnectionError, APIError, NotFoundError, PermissionDeniedError, RivyaError
from rivya.spec import DEFAULT_MODEL
from studio.access import SESSION_COOKIE, Sessions
from studio.i18n import N_
from studio.settings import Settings
from studio.store import ClipFilter, Store
from studio.studio import Studio

Verdict = Literal["ok", "untested", "warning", "problem"]
ENOUGH_DISK_BYTES = 2 * 1024**3
NEARLY_FULL = 0.8
"""From this share of RIVYA_DISK_QUOTA_GB on it is time to say so."""
ENOUGH_CLOCK_SECONDS = 30.0
PLAYABLE_CODECS = frozenset({"h264", "vp8", "vp9", "av1"})
"""What Chromium plays everywhere."""

_ENGINE_STATES = {
    "working": N_("working"),
    "standby": N_("standing by for another process"),
    "elsewhere": N_("in another process"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its name, a verdict, and plain words without a secret.

    ``message`` is a gettext key to fill with ``values``; ``words`` are the English ones.
    """

    name: str
    verdict: Verdict
    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The finding in English."""
        return self.message.format(**self.values) if self.values else self.message


def examine(studio: Studio, *, app_url: str | None = None) -> list[Finding]:
    """Look at everything; ``app_url``, the app's address as browsers use it, adds the upload limit in front of it."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _versions(studio),
        lambda: _key(studio),
        lambda: _clock(studio),
        lambda: _disk(studio),
        lambda: _database(studio.store),
        lambda: _videos(studio),
    ]
    if app_url:
        checks.append(lambda: _upload_limit(studio.settings, app_url))
    return [finding for check in checks for finding in _safely(check)]


def _safely(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except (RivyaError, OSError) as error:
        return [Finding("check", "problem", "{error}", {"error": f"{type(error).__name__}: {error}"})]


def _versions(studio: Studio) -> Iterator[Finding]:
    if studio.settings.is_demo:
        yield Finding("server", "ok", N_("the sandbox (demo)"))
    else:
        yield Finding("server", "ok", "{url}", {"url": studio.settings.base_url})
    yield Finding("python", "ok", "{version}", {"version": sys.version.split()[0]})
    yield Finding("engine", "ok", _ENGINE_STATES[studio.engine_state])


def _key(studio: Studio) -> Iterator[Finding]:
    if studio.settings.is_demo:
        yield Finding("key", "ok", N_("none: demo mode, nothing is paid"))
    else:
        yield Finding("key", "ok", N_("set ({key})"), {"key": studio.settings.masked_key})
    client = studio.client
    try:
        balance = client.credits.retrieve().current_credits
    except APIError as error:
        yield Finding("credits:read", "problem", "{error}", {"error": str(error)})
    else:
        clips = DEFAULT_MODEL.clips_for(balance)
        values = {"balance": balance, "clips": clips}
        yield Finding(
            "credits:read", "ok" if clips else "warning", N_("balance {balance} credits, {clips} clips"), values
        )
    yield _scope("generations:read", lambda: client.generations.retrieve("task_that_does_not_exist"))
    yield _scope("files:read", lambda: client.files.retrieve("file_that_does_not_exist"))
    yield Finding("generations:create", "untested", N_("not tested: only a paid call could show it"))


def _scope(name: str, call: Callable[[], object]) -> Finding:
    try:
        call()
    except NotFoundError:
        return Finding(name, "ok", N_("allowed"))
    except PermissionDeniedError:
        return Finding(name, "problem", N_("the key lacks this permission"))
    except APIError as error:
        return Finding(name, "problem", "{error}", {"error": str(error)})
    return Finding(name, "ok", N_("allowed"))


def _clock(studio: Studio) -> Iterator[Finding]:
    skew = studio.client.clock_skew_seconds()
    if skew is None:
        yield Finding("clock", "warning", N_("the server does not tell its time"))
        return
    verdict: Verdict = "ok" if abs(skew) <= ENOUGH_CLOCK_SECONDS else "warning"
    yield Finding("clock", verdict, N_("{seconds} s away from the server's"), {"seconds": round(abs(skew))})


def _disk(studio: Studio) -> Iterator[Finding]:
    free = shutil.disk_usage(studio.archive.root).free
    used, quota = studio.data_size_bytes(), studio.settings.disk_quota_gb
    is_roomy = free >= ENOUGH_DISK_BYTES and (quota is None or used < NEARLY_FULL * quota * 1024**3)
    verdict: Verdict = "ok" if is_roomy else "warning"
    values = {"free": round(free / 1024**3, 1), "used": round(used / 1024**2)}
    yield Finding("disk", verdict, N_("{free} GB free, {used} MB used here"), values)


def _database(store: Store) -> Iterator[Finding]:
    with store.database.read() as connection:
        revision = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        kind = store.database.url.get_backend_name()
        intact = connection.execute(sa.text("PRAGMA quick_check")).scalar_one() if kind == "sqlite" else "ok"
    values = {"kind": kind, "revision": revision, "intact": intact}
    yield Finding("database", "ok" if intact == "ok" else "problem", N_("{kind}, schema {revision}, {intact}"), values)
    # Both, whatever the first says.
    if all([store.credit_sums.mend(), store.spending.mend()]):
        yield Finding("sums", "ok", N_("the sums of credits agree with the clips"))
    else:
        yield Finding("sums", "warning", N_("the sums of credits were wrong and are counted anew"))


def _videos(studio: Studio) -> Iterator[Finding]:
    health = studio.archive_health()
    verdict: Verdict = "ok" if set(health) <= {"safe"} else "warning"
    if health:
        values = {name: health.get(name, 0) for name in ("safe", "remote", "damaged")}
        yield Finding("videos", verdict, N_("{safe} safe here, {remote} only at Rivya, {damaged} damaged"), values)
    else:
        yield Finding("videos", verdict, N_("none yet"))
    newest = next((clip for clip in studio.clips.page(ClipFilter("succeeded"), limit=1) if clip.video_path), None)
    if newest and newest.video_path and newest.video_path.is_file():
        codec = studio.archive.codec(newest.video_sha256 or "")
        yield Finding(
            "codec", "ok" if codec in PLAYABLE_CODECS else "warning", N_("the newest is {codec}"), {"codec": codec}
        )


def _upload_limit(settings: Settings, app_url: str) -> Iterator[Finding]:
    size = DEFAULT_MODEL.upload.max_bytes + 1
    sessions = Sessions(settings.data_dir, settings.passphrase) if settings.passphrase else None
    token = sessions.open() if sessions else None
    try:
        cookies = {SESSION_COOKIE: token} if token else None
        arrived = probe_upload(f"{app_url.rstrip('/')}/doctor/upload", size, cookies)
    except (APIConnectionError, APIError) as error:
        words = N_("10 MB + 1 byte did not come through the proxy in front: {error}")
        yield Finding("uploads", "problem", words, {"error": str(error)})
        return
    finally:
        if sessions:
            sessions.close(token)
    verdict: Verdict = "ok" if arrived == size else "problem"
    yield Finding("uploads", verdict, N_("{arrived} of {size} bytes came through"), {"arrived": arrived, "size": size})
