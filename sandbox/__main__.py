"""Serve the sandbox from the command line: ``python -m sandbox``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sandbox.server import DEMO_API_KEY, Sandbox


def main(
    *,
    port: Annotated[int, typer.Option(help="Port on the loopback interface; 0 takes a free one.")] = 8787,
    balance: Annotated[int, typer.Option(min=0, help="Credits of a new ledger.")] = 500,
    seconds: Annotated[float, typer.Option(min=0, help="How long a generation takes at least.")] = 6.0,
    data_dir: Annotated[Path, typer.Option(help="Where the ledger and the videos are kept.")] = Path("data/sandbox"),
    api_key: Annotated[str, typer.Option(help="The key that clients must send.")] = DEMO_API_KEY,
    rate_per_minute: Annotated[int, typer.Option(min=0, help="Requests a minute for each key; 0: no limit.")] = 600,
    fault: Annotated[list[str] | None, typer.Option(help="A rule such as create=reset_after:0.1; repeatable.")] = None,
    fault_seed: Annotated[int, typer.Option(help="The same seed repeats the same faults.")] = 0,
    frames_per_drawing: Annotated[int, typer.Option(min=1, help="2 or more: videos cost less and move less.")] = 1,
    ready_clips: Annotated[
        Path | None, typer.Option(help="A folder of videos that are served instead of drawing; filled as needed.")
    ] = None,
) -> None:
    """Serve a simulated Rivya on this computer until Ctrl-C; no real credits are spent."""
    try:
        sandbox = Sandbox(
            data_dir,
            api_key=api_key,
            balance=balance,
            seconds=seconds,
            rate_per_minute=rate_per_minute,
            port=port,
            faults=fault or (),
            fault_seed=fault_seed,
            frames_per_drawing=frames_per_drawing,
            ready_clips=ready_clips,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from error
    sandbox.serve_forever(
        lambda: typer.echo(
            f"RIVYA_BASE_URL={sandbox.base_url}\nRIVYA_API_KEY={api_key}\nFaults and books: {sandbox.control_url}"
        )
    )


if __name__ == "__main__":
    typer.run(main)
