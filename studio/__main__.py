"""The command line: ``python -m studio``. Works on the same data folder as the app, at the same time.

Exit codes: 0 done, 1 other trouble, 2 wrong usage, 3 refused draft or image, 4 key or permission, 5 credits or budget,
6 no connection or trouble at Rivya, 7 the generation failed, 8 still open or in doubt, 9 database or disk.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from rivya.errors import (
    ImageError,
    WaitTimeoutError,
    error_class,
)
from rivya.images import convert
from rivya.models import GenerationRequest
from studio.i18n.messages import explain
from studio.logs import log_to_stderr
from studio.reports.export import clip_dict, clips_csv
from studio.store import FILTERS, ClipFilter
from studio.store.clip import Clip, State
from studio.terminal import EXIT_CODES, AsJson, check_target, complaints, console, open_studio, show
from studio.upkeep import upkeep

if TYPE_CHECKING:
    from studio.studio import Studio

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Seedance Studio without a browser.")
cli.add_typer(upkeep)


@cli.command()
def generate(
    prompt: str,
    image: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Reference image.")] = None,
    resolution: str = "720p",
    duration: str = "5",
    aspect_ratio: str = "16:9",
    camera_fixed: bool = False,
    seed: int = -1,
    safety_checker: bool = True,
    out: Annotated[Path | None, typer.Option(help="Copy the video here.")] = None,
    timeout_seconds: float = 3600.0,
    as_json: AsJson = False,
) -> None:
    """Make a clip (25 credits) and wait for it. Interrupted, it is not lost: see ``status``."""
    check_target(out)
    with open_studio() as studio:
        params: dict[str, str | int] = {
            "resolution": resolution,
            "duration": duration,
            "aspect_ratio": aspect_ratio,
            "camera_fixed": str(camera_fixed).lower(),
            "seed": seed,
            "enable_safety_checker": str(safety_checker).lower(),
        }
        request = GenerationRequest(prompt=prompt, params=params)
        clip = studio.submit(request, _reference(image))
        _finish(studio, clip, out=out, timeout_seconds=timeout_seconds, as_json=as_json)


@cli.command()
def send(
    clip_id: str,
    out: Annotated[Path | None, typer.Option(help="Copy the video here.")] = None,
    timeout_seconds: float = 3600.0,
    as_json: AsJson = False,
) -> None:
    """Send a clip that waits for credits or a connection (25 credits), with its own key, and wait for it."""
    check_target(out)
    with open_studio() as studio:
        clip = studio.get(clip_id)
        if clip is None or not clip.waits_to_be_sent:
            complaints.print("There is no clip of this id that waits to be sent.")
            raise typer.Exit(1)
        _finish(studio, studio.submission.send(clip_id), out=out, timeout_seconds=timeout_seconds, as_json=as_json)


def _finish(studio: Studio, clip: Clip, *, out: Path | None, timeout_seconds: float, as_json: bool) -> NoReturn:
    """Wait for a clip, say how it ended, and exit with its code."""
    try:
        clip = studio.wait(clip.id, timeout_seconds) if as_json else _watch(studio, clip, timeout_seconds)
    except (KeyboardInterrupt, WaitTimeoutError):
        complaints.print(f"{clip.id} is not finished yet, and nothing is lost: it is paid once at most.", markup=False)
        complaints.print("It goes on while a studio runs: the app, or: python -m studio engine")
        complaints.print(f"Look again with: python -m studio status {clip.id}", markup=False)
        if as_json:
            show(clip_dict(studio.get(clip.id) or clip))
        raise typer.Exit(8) from None
    if out and clip.video_path:
        try:
            shutil.copyfile(clip.video_path, out)
        except OSError as error:
            complaints.print(
                f"The video is safe at {clip.video_path}; it could not be copied: {error.strerror}", markup=False
            )
            raise typer.Exit(9) from None
    show(clip_dict(clip)) if as_json else _tell(clip, out)
    raise typer.Exit(_clip_exit_code(clip))


def _reference(image: Path | None) -> Any:
    if image is None:
        return None
    try:
        from rivya.images import check  # noqa: PLC0415

        return check(image.read_bytes())
    except ImageError as error:
        if not error.convertible:
            raise
        complaints.print(error.user_message.format(**error.values), markup=False)
        return convert(image.read_bytes())


def _watch(studio: Studio, clip: Clip, timeout_seconds: float) -> Clip:
    """Draw a bar measured against the usual time until the clip has ended."""
    usual = studio.usual_time(clip.params, model=clip.model)
    deadline = time.monotonic() + timeout_seconds
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("Sending", total=1.0, left="")
        while clip.is_open and not clip.needs_decision:
            if time.monotonic() > deadline:
                raise WaitTimeoutError(f"clip {clip.id} is still {clip.state}")
            elapsed = clip.elapsed_seconds
            left = usual.median - elapsed
            words = f"about {left:.0f} s left" if left > 0 else "any moment"
            if not usual.is_measured:
                words = "usually under a minute" if elapsed < usual.slow else "slower than usual"
            label = "Saving" if clip.is_saving else clip.state.value.capitalize()
            progress.update(bar, completed=usual.share(elapsed), description=label, left=words)
            time.sleep(0.2)
            clip = studio.get(clip.id) or clip
    return clip


def _tell(clip: Clip, out: Path | None) -> None:
    word = "Waiting for credits" if clip.waits_for_credits else clip.state.value.capitalize()
    console.print(f"{word}: {clip.id}", style="green" if clip.video_path else "yellow", soft_wrap=True)
    if clip.video_path:
        console.print(str(out or clip.video_path), markup=False)
    if clip.error:
        words = explain(clip.error.code, clip.error.http_status, clip.error.message)
        console.print(f"{words.cause} {words.remedy}", markup=False)
        if clip.error.message:
            console.print(f"Rivya says: {clip.error.message}", markup=False)
        console.print(f"{clip.error.code}, request {clip.error.request_id or 'unknown'}", style="dim", markup=False)
    if clip.waits_to_be_sent:
        console.print("Generating it again would make, and charge, a second clip. Send this one with:")
        console.print(f"python -m studio send {clip.id}", markup=False, soft_wrap=True)


def _clip_exit_code(clip: Clip) -> int:
    if clip.state is State.SUCCEEDED:
        return 0 if clip.video_path else 8
    if clip.state is State.REFUSED and clip.error:
        status = clip.error.http_status or 400
        kind = error_class(clip.error.code, status)
        return next((code for error, code in EXIT_CODES[2:5] if issubclass(kind, error)), 3)
    return 7 if clip.state is State.FAILED else 8


@cli.command()
def status(clip_id: str, as_json: AsJson = False) -> None:
    """Show one clip."""
    with open_studio() as studio:
        clip = studio.get(clip_id)
        if clip is None:
            complaints.print("There is no such clip here.")
            raise typer.Exit(1)
        show(clip_dict(clip)) if as_json else _tell(clip, None)
        raise typer.Exit(_clip_exit_code(clip))


@cli.command()
def history(
    search: str = "",
    shown: Annotated[str, typer.Option(help=", ".join(FILTERS))] = "all",
    limit: int = 20,
    as_json: AsJson = False,
) -> None:
    """List clips, newest first."""
    name = next((known for known in FILTERS if known == shown), None)
    if name is None:
        raise typer.BadParameter(f"one of {', '.join(FILTERS)}", param_hint="--shown")
    with open_studio() as studio:
        clips = studio.clips.page(ClipFilter(name, search), limit=limit)
        if as_json:
            show([clip_dict(clip) for clip in clips])
            return
        table = Table(box=None, pad_edge=False)
        for heading in ("Clip", "When (UTC)", "Status", "Credits"):
            table.add_column(heading, no_wrap=True, overflow="ignore")
        table.add_column("Prompt", no_wrap=True, overflow="ellipsis")
        for clip in clips:
            prompt = " ".join(clip.prompt.split())[:60]
            when = clip.created_at.strftime("%Y-%m-%d %H:%M")
            table.add_row(clip.id, when, clip.state.value, f"{clip.credits_final:g}", prompt)
        console.print(table)


@cli.command()
def credits(as_json: AsJson = False) -> None:  # noqa: A001 - the word of the API
    """Show the balance and what the clips took."""
    with open_studio() as studio:
        balance = studio.test_connection()
        kept, refunded, reserved = studio.receipts.totals()
        if as_json:
            show({"balance": balance, "kept": kept, "refunded": refunded, "reserved": reserved})
            return
        console.print(
            f"{balance:g} credits left; {kept:g} spent on clips, {refunded:g} came back, {reserved:g} reserved"
        )


@cli.command()
def export(out: Path, as_json: AsJson = False) -> None:
    """Write all clips as CSV (or JSON) to a file."""
    check_target(out)
    with open_studio() as studio:
        clips = studio.receipts.accepted()
        data = (
            json.dumps([clip_dict(c) for c in clips], ensure_ascii=False, indent=2).encode()
            if as_json
            else clips_csv(clips)
        )
        try:
            out.write_bytes(data)
        except OSError as error:
            complaints.print(f"{out} could not be written: {error.strerror}", style="red", markup=False)
            raise typer.Exit(9) from None
        complaints.print(f"{len(clips)} clips written to {out}")


@cli.command()
def doctor(
    app_url: Annotated[str | None, typer.Option(help="The app's address as browsers use it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look whether everything is in order; spends nothing and prints no secret."""
    from studio.doctor import examine  # noqa: PLC0415

    with open_studio() as studio:
        findings = examine(studio, app_url=app_url)
    if as_json:
        show([{"name": f.name, "verdict": f.verdict, "words": f.words} for f in findings])
    else:
        marks = {"ok": "[green]ok[/]", "untested": "[dim]open[/]", "warning": "[yellow]look[/]",
                 "problem": "[red]problem[/]"}  # fmt: skip
        for finding in findings:
            console.print(f"{marks[finding.verdict]:>20}  {finding.name:20}", end="")
            console.print(finding.words, markup=False)
    raise typer.Exit(1 if any(finding.verdict == "problem" for finding in findings) else 0)


@cli.command()
def engine() -> None:
    """Run the engine alone until SIGTERM or Ctrl-C; pages may live in other processes or machines."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    with open_studio() as studio:
        log_to_stderr(studio.settings.log_format)
        complaints.print(f"engine {studio.engine_state} on {studio.account}")
        ended.wait()


@cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def sandbox(context: typer.Context) -> None:
    """Run the sandbox; takes the options of ``python -m sandbox``."""
    from sandbox.__main__ import main  # noqa: PLC0415 - only this command needs a server

    sys.argv = ["sandbox", *context.args]
    typer.run(main)


if __name__ == "__main__":
    cli()
