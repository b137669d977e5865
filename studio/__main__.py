"""The command line: ``python -m studio``. Works on the same data folder as the app, at the same time.

Exit codes: 0 done, 1 other trouble, 2 wrong usage, 3 refused draft or image, 4 key or permission, 5 credits or budget,
6 no connection or trouble at Rivya, 7 the generation failed, 8 still open or in doubt, 9 database or disk.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from rivya.errors import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    ImageError,
    InsufficientCreditsError,
    InvalidRequestError,
    PermissionDeniedError,
    RivyaError,
    WaitTimeoutError,
    error_class,
)
from rivya.images import convert
from rivya.models import GenerationRequest
from studio.backup import backup as make_backup
from studio.backup import restore as restore_backup
from studio.doctor import examine
from studio.errors import BudgetError, StoreError
from studio.i18n.messages import explain
from studio.logs import log_to_stderr
from studio.reports.export import clip_dict, clips_csv
from studio.settings import Settings
from studio.store import FILTERS, ClipFilter
from studio.store.clip import Clip, State
from studio.store.members import Role
from studio.store.transfer import copy_history
from studio.studio import Studio

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Seedance Studio without a browser.")
console = Console()
complaints = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
_EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (InvalidRequestError, 3),
    (ImageError, 3),
    (AuthenticationError, 4),
    (PermissionDeniedError, 4),
    (InsufficientCreditsError, 5),
    (BudgetError, 5),
    (WaitTimeoutError, 8),
    (APIError, 6),
    (StoreError, 9),
    (ConfigurationError, 2),
)


def _exit_code(error: Exception) -> int:
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 1)


@contextmanager
def _studio() -> Iterator[Studio]:
    """Open the studio of the environment; turn what goes wrong into words and an exit code."""
    try:
        with Studio(Settings()) as studio:
            yield studio
    except ValidationError as invalid:
        inner = next((problem.get("ctx", {}).get("error") for problem in invalid.errors()), None)
        complaints.print(str(inner or invalid), style="red", markup=False)
        raise typer.Exit(3 if isinstance(inner, InvalidRequestError) else 2) from None
    except RivyaError as error:
        complaints.print(error.user_message.format(**error.values), style="red", markup=False)
        raise typer.Exit(_exit_code(error)) from None


def _show(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


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
    _check_target(out)
    with _studio() as studio:
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
    _check_target(out)
    with _studio() as studio:
        clip = studio.get(clip_id)
        if clip is None or not clip.waits_to_be_sent:
            complaints.print("There is no clip of this id that waits to be sent.")
            raise typer.Exit(1)
        _finish(studio, studio.submission.send(clip_id), out=out, timeout_seconds=timeout_seconds, as_json=as_json)


def _check_target(out: Path | None) -> None:
    """Refuse, before anything is sent, a path to which nothing can be written."""
    if out is None:
        return
    problem = ""
    if out.is_dir():
        problem = "is a folder: name a file in it"
    elif not out.absolute().parent.is_dir():
        problem = "lies in a folder that does not exist: make the folder first"
    elif not os.access(out if out.exists() else out.absolute().parent, os.W_OK):
        problem = "cannot be written: choose another place"
    if problem:
        complaints.print(f"{out} {problem}. Nothing was sent.", style="red", markup=False)
        raise typer.Exit(9)


def _finish(studio: Studio, clip: Clip, *, out: Path | None, timeout_seconds: float, as_json: bool) -> NoReturn:
    """Wait for a clip, say how it ended, and exit with its code."""
    try:
        clip = studio.wait(clip.id, timeout_seconds) if as_json else _watch(studio, clip, timeout_seconds)
    except (KeyboardInterrupt, WaitTimeoutError):
        complaints.print(f"{clip.id} is not finished yet, and nothing is lost: it is paid once at most.", markup=False)
        complaints.print("It goes on while a studio runs: the app, or: python -m studio engine")
        complaints.print(f"Look again with: python -m studio status {clip.id}", markup=False)
        if as_json:
            _show(clip_dict(studio.get(clip.id) or clip))
        raise typer.Exit(8) from None
    if out and clip.video_path:
        try:
            shutil.copyfile(clip.video_path, out)
        except OSError as error:
            complaints.print(
                f"The video is safe at {clip.video_path}; it could not be copied: {error.strerror}", markup=False
            )
            raise typer.Exit(9) from None
    _show(clip_dict(clip)) if as_json else _tell(clip, out)
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
        return next((code for error, code in _EXIT_CODES[2:5] if issubclass(kind, error)), 3)
    return 7 if clip.state is State.FAILED else 8


@cli.command()
def status(clip_id: str, as_json: AsJson = False) -> None:
    """Show one clip."""
    with _studio() as studio:
        clip = studio.get(clip_id)
        if clip is None:
            complaints.print("There is no such clip here.")
            raise typer.Exit(1)
        _show(clip_dict(clip)) if as_json else _tell(clip, None)
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
    with _studio() as studio:
        clips = studio.clips.page(ClipFilter(name, search), limit=limit)
        if as_json:
            _show([clip_dict(clip) for clip in clips])
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
    with _studio() as studio:
        balance = studio.test_connection()
        kept, refunded, reserved = studio.receipts.totals()
        if as_json:
            _show({"balance": balance, "kept": kept, "refunded": refunded, "reserved": reserved})
            return
        console.print(
            f"{balance:g} credits left; {kept:g} spent on clips, {refunded:g} came back, {reserved:g} reserved"
        )


@cli.command()
def export(out: Path, as_json: AsJson = False) -> None:
    """Write all clips as CSV (or JSON) to a file."""
    _check_target(out)
    with _studio() as studio:
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
    with _studio() as studio:
        findings = examine(studio, app_url=app_url)
    if as_json:
        _show([{"name": f.name, "verdict": f.verdict, "words": f.words} for f in findings])
    else:
        marks = {"ok": "[green]ok[/]", "warning": "[yellow]look[/]", "problem": "[red]problem[/]"}
        for finding in findings:
            console.print(f"{marks[finding.verdict]:>20}  {finding.name:20}", end="")
            console.print(finding.words, markup=False)
    raise typer.Exit(1 if any(finding.verdict == "problem" for finding in findings) else 0)


@cli.command()
def check(as_json: AsJson = False) -> None:
    """Check every video against its SHA-256 now, and have what is missing or damaged fetched again."""
    with _studio() as studio:
        studio.check_archive()
        while studio.maintenance.check_some():
            pass
        health = studio.archive_health()
        _show(health) if as_json else console.print(health or "no videos yet")


@cli.command()
def rescue(
    task_ids: Annotated[list[str] | None, typer.Argument()] = None,
    journal: Annotated[bool, typer.Option("--journal", help="Take the ids from the journal.")] = False,
    timeout_seconds: float = 600.0,
    as_json: AsJson = False,
) -> None:
    """Take paid clips back in by their task ids when the history is gone. Costs nothing."""
    with _studio() as studio:
        wanted = list(task_ids or [])
        if journal:
            wanted += [
                entry.task_id for entry in studio.journal.read() if entry.task_id and entry.account == studio.account
            ]
        if not as_json:
            complaints.print(f"Asking Rivya for {len(wanted)} of them …")
        rescued = studio.rescue(wanted)
        for clip in [c for c in studio.receipts.accepted() if rescued.get(c.task_id or "") == "new"]:
            studio.wait(clip.id, timeout_seconds)
        found = {clip.task_id: clip for clip in studio.receipts.accepted() if clip.task_id in rescued}
        if as_json:
            _show([clip_dict(clip) for clip in found.values()])
        for task_id, outcome in rescued.items():
            if outcome == "unknown":
                words = "Rivya does not know this task for this account, so nothing was taken in. Check the id."
                complaints.print(f"{task_id}: {words}", style="red", markup=False)
            elif not as_json:
                state = found[task_id].state.value if outcome == "new" else "here already"
                console.print(f"{task_id}: {state}", markup=False)
        if "unknown" in rescued.values():
            raise typer.Exit(1)


@cli.command()
def backup(target: Path, as_json: AsJson = False) -> None:
    """Copy history and videos to a folder while the studio runs."""
    settings = Settings()
    try:
        with Studio(settings.model_copy(update={"run_engine": False})) as studio:
            if not studio.store.database.is_sqlite:
                raise StoreError("back a PostgreSQL history up with pg_dump, and the videos with your object store")
            report = make_backup(studio.archive.root, target, database=studio.store.database.file)
    except StoreError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(9) from None
    _report("backed up", report.files, report.size_bytes, report.missing, as_json)


@cli.command()
def restore(source: Path, as_json: AsJson = False) -> None:
    """Fill an empty data folder from a backup."""
    try:
        report = restore_backup(source, Settings().data_dir)
    except StoreError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(9) from None
    _report("restored", report.files, report.size_bytes, report.missing, as_json)
    raise typer.Exit(1 if report.missing else 0)


def _report(done: str, files: int, size_bytes: int, missing: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        _show({"files": files, "bytes": size_bytes, "missing": list(missing)})
        return
    console.print(f"{files} files ({size_bytes / 1024**2:.1f} MB) {done}")
    for name in missing:
        complaints.print(f"missing or damaged: {name}", style="yellow", markup=False)


@cli.command()
def move_history(
    target_url: Annotated[str, typer.Argument(help="Such as postgresql+psycopg://user@host/studio; must be empty.")],
    as_json: AsJson = False,
) -> None:
    """Copy the whole history into another, empty database; then start the studio with RIVYA_DATABASE_URL."""
    try:
        counts = copy_history(Settings().database, target_url)
    except StoreError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(9) from None
    if as_json:
        _show(counts)
        return
    for name, count in counts.items():
        console.print(f"{count:8} {name}")


@cli.command()
def engine() -> None:
    """Run the engine alone until SIGTERM or Ctrl-C; pages may live in other processes or machines."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    with _studio() as studio:
        log_to_stderr(studio.settings.log_format)
        complaints.print(f"engine {studio.engine_state} on {studio.account}")
        ended.wait()


@cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def sandbox(context: typer.Context) -> None:
    """Run the sandbox; takes the options of ``python -m sandbox``."""
    from sandbox.__main__ import main  # noqa: PLC0415 - only this command needs a server

    sys.argv = ["sandbox", *context.args]
    typer.run(main)


team_cli = typer.Typer(no_args_is_help=True, help="Who may do what.")
cli.add_typer(team_cli, name="team")


@team_cli.command("add-lead")
def add_lead(name: Annotated[str, typer.Argument(help="The name, or the address, that they sign in with.")]) -> None:
    """Make somebody a lead, also when every lead is locked out."""
    with _studio() as studio:
        studio.team.give(name, Role.LEAD, by=None)
    console.print(f"{name} is a lead.")


@team_cli.command("list")
def list_team() -> None:
    """Print everybody who was given a role, and what the others are."""
    with _studio() as studio:
        for member in studio.team.members():
            console.print(f"{member.role}\t{member.name}")
        console.print(f"{studio.team.role_of_others()}\t(everybody else)")


person_cli = typer.Typer(no_args_is_help=True, help="What one person made.")
cli.add_typer(person_cli, name="person")


@person_cli.command("export")
def export_person(name: str, out: Annotated[Path, typer.Argument(dir_okay=False, help="A new ZIP file.")]) -> None:
    """Write everything that a person made into one ZIP: videos, words, settings, receipts."""
    _check_target(out)
    with _studio() as studio:
        out.write_bytes(studio.export_person(name))
    console.print(f"{out}")


@person_cli.command("erase")
def erase_person(
    name: str, yes: Annotated[bool, typer.Option("--yes", help="Without it nothing is erased.")] = False
) -> None:
    """Take a person's words, pictures and videos out for good, and their name off the receipts."""
    if not yes:
        complaints.print(f"This cannot be undone. Export first, then: person erase {name!r} --yes", style="red")
        raise typer.Exit(2)
    with _studio() as studio:
        console.print(f"{studio.erase_person(name)} clips erased")


if __name__ == "__main__":
    cli()
