"""The commands of whoever looks after a studio: videos, backups, another database, and the people who use it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio.backup import backup as make_backup
from studio.backup import restore as restore_backup
from studio.errors import StoreError
from studio.reports.export import clip_dict
from studio.settings import Settings
from studio.terminal import AsJson, check_target, complaints, console, open_studio, show

upkeep = typer.Typer()


@upkeep.command()
def check(as_json: AsJson = False) -> None:
    """Check every video against its SHA-256 now, and have what is missing or damaged fetched again."""
    with open_studio() as studio:
        studio.check_archive()
        while studio.maintenance.check_some():
            pass
        health = studio.archive_health()
        show(health) if as_json else console.print(health or "no videos yet")


@upkeep.command()
def rescue(
    task_ids: Annotated[list[str] | None, typer.Argument()] = None,
    journal: Annotated[bool, typer.Option("--journal", help="Take the ids from the journal.")] = False,
    timeout_seconds: float = 600.0,
    as_json: AsJson = False,
) -> None:
    """Take paid clips back in by their task ids when the history is gone. Costs nothing."""
    with open_studio() as studio:
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
            show([clip_dict(clip) for clip in found.values()])
        for task_id, outcome in rescued.items():
            if outcome == "unknown":
                words = "Rivya does not know this task for this account, so nothing was taken in. Check the id."
                complaints.print(f"{task_id}: {words}", style="red", markup=False)
            elif not as_json:
                state = found[task_id].state.value if outcome == "new" else "here already"
                console.print(f"{task_id}: {state}", markup=False)
        if "unknown" in rescued.values():
            raise typer.Exit(1)


@upkeep.command()
def backup(target: Path, as_json: AsJson = False) -> None:
    """Copy history and videos to a folder while the studio runs."""
    from studio.studio import Studio  # noqa: PLC0415

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


@upkeep.command()
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
        show({"files": files, "bytes": size_bytes, "missing": list(missing)})
        return
    console.print(f"{files} files ({size_bytes / 1024**2:.1f} MB) {done}")
    for name in missing:
        complaints.print(f"missing or damaged: {name}", style="yellow", markup=False)


@upkeep.command()
def move_history(
    target_url: Annotated[str, typer.Argument(help="Such as postgresql+psycopg://user@host/studio; must be empty.")],
    as_json: AsJson = False,
) -> None:
    """Copy the whole history into another, empty database; then start the studio with RIVYA_DATABASE_URL."""
    from studio.store.transfer import copy_history  # noqa: PLC0415

    try:
        counts = copy_history(Settings().database, target_url)
    except StoreError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(9) from None
    if as_json:
        show(counts)
        return
    for name, count in counts.items():
        console.print(f"{count:8} {name}")


team_cli = typer.Typer(no_args_is_help=True, help="Who may do what.")
upkeep.add_typer(team_cli, name="team")


@team_cli.command("add-lead")
def add_lead(name: Annotated[str, typer.Argument(help="The name, or the address, that they sign in with.")]) -> None:
    """Make somebody a lead, also when every lead is locked out."""
    from studio.store.members import Role  # noqa: PLC0415

    with open_studio() as studio:
        studio.team.give(name, Role.LEAD, by=None)
    console.print(f"{name} is a lead.")


@team_cli.command("list")
def list_team() -> None:
    """Print everybody who was given a role, and what the others are."""
    with open_studio() as studio:
        for member in studio.team.members():
            console.print(f"{member.role}\t{member.name}")
        console.print(f"{studio.team.role_of_others()}\t(everybody else)")


person_cli = typer.Typer(no_args_is_help=True, help="What one person made.")
upkeep.add_typer(person_cli, name="person")


@person_cli.command("export")
def export_person(name: str, out: Annotated[Path, typer.Argument(dir_okay=False, help="A ZIP file.")]) -> None:
    """Write everything that a person made into one ZIP: videos, images, words, settings, receipts."""
    check_target(out)
    with open_studio() as studio:
        try:
            made = studio.personal_data.export(name, out)
        except OSError as error:
            complaints.print(f"{out} could not be written: {error.strerror or error}", style="red", markup=False)
            raise typer.Exit(9) from None
    console.print(f"{made.clips} clips written to {out}", markup=False)
    for missing in made.missing:
        complaints.print(f"its video or image could not be had: {missing}", style="red", markup=False)
    if made.missing:
        complaints.print("Erase nobody before it is complete: python -m studio doctor")
        raise typer.Exit(1)


@person_cli.command("erase")
def erase_person(
    name: str, yes: Annotated[bool, typer.Option("--yes", help="Without it nothing is erased.")] = False
) -> None:
    """Take a person's words, pictures and videos out for good, and their name off the receipts."""
    if not yes:
        complaints.print(f"This cannot be undone. Export first, then: person erase {name!r} --yes", style="red")
        raise typer.Exit(2)
    with open_studio() as studio:
        try:
            console.print(f"{studio.personal_data.erase(name)} clips erased")
        except StoreError as error:
            complaints.print(str(error), style="red", markup=False)
            raise typer.Exit(9) from None
