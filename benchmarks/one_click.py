"""One click in our studio: ``python -m benchmarks.one_click <base_url> <data_dir>`` prints ``{"task_id": …}``.

Started again on the same data folder it clicks no second time: it finds the clip in the history and waits for its task.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from rivya import GenerationRequest
from studio import Settings, Studio
from studio.store.clip import Clip

LOOK_SECONDS = 0.05


def clicked(studio: Studio) -> Clip:
    """Return the clip of the one click, from the history or made now."""
    history = studio.clips.page(limit=2)
    return history[0] if history else studio.submit(GenerationRequest(prompt="A paper boat drifts down a rainy street"))


def main(base_url: str, data_dir: str) -> None:
    """Wait until the engine knows the task, or has nothing left to do; print what it knows."""
    fast: dict[str, Any] = {"poll_first_seconds": 0.1, "poll_min_seconds": 0.1, "poll_max_seconds": 0.2}
    settings = Settings(api_key="rvya_sk_of_nobody_at_all", base_url=base_url, data_dir=Path(data_dir), **fast)
    with Studio(settings) as studio:
        clip = clicked(studio)
        while clip.task_id is None and clip.is_open and clip.delay_seconds is not None:
            time.sleep(LOOK_SECONDS)
            clip = studio.get(clip.id) or clip
    problem = clip.error.code if clip.error else clip.stage
    print(json.dumps({"task_id": clip.task_id} if clip.task_id else {"error": problem}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
