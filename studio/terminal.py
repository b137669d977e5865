"""What every command shares: the studio of the environment, its words on the terminal, and the exit codes.

Whatever needs the database is imported where it is used, here and in the commands: ``--help`` waits for none of it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

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
)
from studio.errors import BudgetError, StoreError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.studio import Studio

console = Console()
complaints = Console(stderr=True)


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
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


def exit_code(error: Exception) -> int:
    """Return what a program learns from an error: see ``studio.__main__``."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


@contextmanager
def open_studio() -> Iterator[Studio]:
    """Open the studio of the environment; turn what goes wrong into words and an exit code."""
    from studio.studio import Studio  # noqa: PLC0415

    try:
        with Studio(Settings()) as studio:
            yield studio
    except ValidationError as invalid:
        inner = next((problem.get("ctx", {}).get("error") for problem in invalid.errors()), None)
        complaints.print(str(inner or invalid), style="red", markup=False)
        raise typer.Exit(3 if isinstance(inner, InvalidRequestError) else 2) from None
    except RivyaError as error:
        complaints.print(error.user_message.format(**error.values), style="red", markup=False)
        raise typer.Exit(exit_code(error)) from None


def show(value: Any) -> None:
    """Print JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def check_target(out: Path | None) -> None:
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
