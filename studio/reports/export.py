"""What leaves the studio: tables, requests to run elsewhere, a page with a video. Never a key, never a raw answer."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import shlex
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rivya.spec import DEFAULT_MODEL
from studio.media import metadata
from studio.reports.spreadsheet import as_csv
from studio.store.clip import Clip

if TYPE_CHECKING:
    from studio.store.spending import Spent

FILE_NAME_WORDS = 6
FILE_NAME_CHARACTERS = 40
_COLUMNS_BEFORE = ("created_at", "state", "prompt", "model")
_COLUMNS_AFTER = (
    "credits_reserved",
    "credits_final",
    "task_id",
    "clip_id",
    "request_id",
    "error_code",
    "finished_at",
)


def clips_rows(clips: Iterable[Clip]) -> list[list[object]]:
    """Return a row of names and one for each clip. Each setting that any of the clips has is a column."""
    listed = list(clips)
    settings = dict.fromkeys([*DEFAULT_MODEL.defaults, *(key for clip in listed for key in clip.params)])
    columns = [*_COLUMNS_BEFORE, *settings, *_COLUMNS_AFTER]
    rows: list[list[object]] = [list(columns)]
    for clip in listed:
        row = {
            **clip.params,
            "created_at": clip.created_at.isoformat(),
            "state": clip.state.value,
            "prompt": clip.prompt,
            "model": clip.model,
            "credits_reserved": clip.credits_reserved,
            "credits_final": clip.credits_final,
            "task_id": clip.task_id or "",
            "clip_id": clip.id,
            "request_id": (clip.error.request_id if clip.error else None) or "",
            "error_code": clip.error.code if clip.error else "",
            "finished_at": clip.finished_at.isoformat() if clip.finished_at else "",
        }
        rows.append([row.get(column, "") for column in columns])
    return rows


def clips_csv(clips: Iterable[Clip]) -> bytes:
    """Return one line per clip as CSV."""
    return as_csv(clips_rows(clips))


def clip_dict(clip: Clip) -> dict[str, Any]:
    """Return what a program wants to know of a clip, as JSON can hold it: no key, no raw answer."""
    return {
        "id": clip.id,
        "state": clip.state.value,
        "model": clip.model,
        "prompt": clip.prompt,
        "params": clip.params,
        "reference_sha256": clip.reference_sha256,
        "task_id": clip.task_id,
        "error": asdict(clip.error) if clip.error else None,
        "credits_reserved": clip.credits_reserved,
        "credits_final": clip.credits_final,
        "video_path": str(clip.video_path) if clip.video_path else None,
        "created_at": clip.created_at.isoformat(),
        "finished_at": clip.finished_at.isoformat() if clip.finished_at else None,
    }


def clips_zip(clips: Iterable[Clip], labels: Mapping[str, Mapping[str, list[str]]]) -> bytes:
    """Return videos with their manifest as one ZIP; ``labels`` are each clip's tags and collections.

    Holds all of them in memory.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
        pack_clips(archive, ((clip, labels.get(clip.id, {})) for clip in clips))
    return buffer.getvalue()


def pack_clips(archive: zipfile.ZipFile, labelled: Iterable[tuple[Clip, Mapping[str, list[str]]]]) -> list[Clip]:
    """Write videos and their manifest (JSON and CSV) into a ZIP; return the clips, each given with its labels.

    A video that is not here is named in the manifest without a file.
    """
    entries, packed = [], []
    for clip, labels in labelled:
        name = f"clips/{file_name(clip)}_{clip.id}.mp4" if clip.video_path else None
        try:
            if clip.video_path and name:
                archive.write(clip.video_path, name)
        except FileNotFoundError:
            name = None
        entry = {key: value for key, value in clip_dict(clip).items() if key != "video_path"}
        entries.append({**entry, **labels, "file": name})
        packed.append(clip)
    archive.writestr("manifest.json", json.dumps(entries, ensure_ascii=False, indent=1))
    archive.writestr("manifest.csv", clips_csv(packed))
    return packed


def spending_rows(dimension: str, spent: Iterable[Spent]) -> list[list[object]]:
    """Return a row of names and one for each group of where the credits went."""
    rows: list[list[object]] = [[dimension, "clips", "credits", "refunded", "kept_clips", "credits_per_kept_clip"]]
    for each in spent:
        price = each.credits_per_wanted
        rows.append(
            [each.value, each.clips, each.kept, each.refunded, each.wanted, "" if price is None else round(price, 2)]
        )
    return rows


def inscribed_video(clip: Clip) -> bytes:
    """Return the video with its prompt and settings written into it; empty when it is not here."""
    if clip.video_path is None:
        return b""
    settings = {"prompt": clip.prompt, "params": clip.params, "model": clip.model}
    return metadata.inscribe(clip.video_path.read_bytes(), settings)


def file_name(clip: Clip) -> str:
    """Return a name for a clip's file that says what it is: its day and its first words."""
    return f"{clip.created_at:%Y-%m-%d}_{readable_name(clip.prompt) or 'clip'}"


def readable_name(text: str) -> str:
    """Return the first words of a text as a file's name; empty when it has none."""
    return "-".join(re.findall(r"\w+", text.lower())[:FILE_NAME_WORDS])[:FILE_NAME_CHARACTERS]


def clip_page_html(clip: Clip) -> bytes:
    """Return one HTML file with the video inside, that plays anywhere without a server. No ids, no key."""
    if clip.video_path is None:
        return b""
    video = base64.b64encode(clip.video_path.read_bytes()).decode()
    prompt = html.escape(clip.prompt)
    style = (
        "body{margin:0;min-height:100vh;display:grid;place-content:center;gap:1rem;background:#171614;color:#efece7;"
        "font:16px system-ui,'Noto Sans Bengali',sans-serif}video{max-width:92vw;max-height:78vh;border-radius:12px}"
        "p{max-width:60ch;margin:0 auto;text-align:center}"
    )
    page = (
        f'<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{prompt[:80]}</title><style>{style}</style></head><body>"
        f'<video controls loop playsinline src="data:video/mp4;base64,{video}"></video><p>{prompt}</p></body></html>'
    )
    return page.encode()


def as_curl(clip: Clip, body: str, base_url: str) -> str:
    """Return the clip's request as a shell command, with the ``body`` that was sent; the key stays a variable."""
    return " \\\n  ".join(
        [
            f"curl {base_url}/api/v1/generations",
            '-H "Authorization: Bearer $RIVYA_API_KEY"',
            f"-H {shlex.quote(f'Idempotency-Key: {clip.idempotency_key}')}",
            '-H "Content-Type: application/json"',
            f"-d {shlex.quote(body)}",
        ]
    )


def as_python(clip: Clip) -> str:
    """Return the clip's request as a script for this package."""
    given = clip.params if clip.model == DEFAULT_MODEL.id else {"model": clip.model, **clip.params}
    arguments = "".join(f"    {key}={value!r},\n" for key, value in given.items())
    image = ', image=Path("reference.jpg")' if clip.reference_sha256 else ""
    return (
        "from pathlib import Path\n\nfrom rivya import GenerationRequest\nfrom studio import Settings, Studio\n\n"
        f"request = GenerationRequest(\n    prompt={clip.prompt!r},\n{arguments})\n"
        f"with Studio(Settings()) as studio:\n    clip = studio.submit(request{image})\n"
        "    print(studio.wait(clip.id).video_path)\n"
    )
