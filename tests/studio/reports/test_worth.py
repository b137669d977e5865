"""What works for us: counted from what was kept, and silent where there is little to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from studio.reports.worth import ENOUGH_CLIPS, Worth, better_value, is_kept, worth
from studio.store.clip import Clip, Stage

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CLIP = Clip(
    id="clip_1", seq=1, model="seedance-1-0-pro", prompt="A boat", params={"aspect_ratio": "16:9", "duration": "5"},
    stage=Stage.DONE, idempotency_key="k", client_request_id="c", created_at=NOW, updated_at=NOW, credits_final=25.0,
)  # fmt: skip


def clips(ratio: str, *, made: int, kept: int, source: str | None = None) -> list[Clip]:
    params = {**CLIP.params, "aspect_ratio": ratio}
    return [
        replace(CLIP, params=params, source=source, starred_at=NOW if place < kept else None) for place in range(made)
    ]


def test_a_clip_is_kept_by_a_star_or_a_download_until_it_is_deleted():
    """What lies in the trash is not wanted, whatever it has."""
    assert not is_kept(CLIP)
    assert is_kept(replace(CLIP, starred_at=NOW))
    assert is_kept(replace(CLIP, downloaded_at=NOW))
    assert not is_kept(replace(CLIP, downloaded_at=NOW, deleted_at=NOW))


def test_each_value_idea_and_template_is_counted():
    """With what a kept clip cost, those beside it included."""
    found = worth([*clips("16:9", made=4, kept=1), *clips("9:16", made=2, kept=2, source="idea:food")])
    assert Worth("aspect_ratio", "16:9", 4, 1, 100.0) in found
    assert Worth("duration", "5", 6, 3, 150.0) in found
    assert Worth("source", "idea:food", 2, 2, 50.0) in found
    by_value = {row.value: row for row in found}
    assert (by_value["16:9"].credits_per_kept, by_value["9:16"].share) == (100.0, 1.0)
    assert Worth("x", "y", 3, 0, 75.0).credits_per_kept is None
    assert worth([]) == []


def test_a_hint_needs_enough_clips_and_a_clear_difference():
    """Few clips, or nearly equal shares, say nothing."""
    many = ENOUGH_CLIPS
    clear = worth([*clips("16:9", made=many, kept=1), *clips("9:16", made=many, kept=many - 1)])
    assert better_value(clear, {"aspect_ratio": "16:9", "duration": "5"}).value == "9:16"
    assert better_value(clear, {"aspect_ratio": "9:16", "duration": "5"}) is None
    assert better_value(clear, {"aspect_ratio": "1:1"}) is None
    few = worth([*clips("16:9", made=many - 1, kept=0), *clips("9:16", made=many - 1, kept=many - 1)])
    assert better_value(few, {"aspect_ratio": "16:9"}) is None
    alike = worth([*clips("16:9", made=10, kept=6), *clips("9:16", made=10, kept=7)])
    assert better_value(alike, {"aspect_ratio": "16:9"}) is None
