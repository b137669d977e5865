"""Figures for Prometheus, read from the database at the moment of asking: every process of a studio tells the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from studio.readiness import free_disk_bytes
from studio.store.clip import OPEN_STAGES
from studio.store.figures import figures
from studio.studio import Studio


class StudioCollector:
    """One look at ``studio`` for each scrape."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def collect(self) -> Iterator[Metric]:
        """Yield what an operator watches; names carry their units."""
        found = figures(self._studio.store.database, self._studio.account)
        waiting = {str(stage): found.by_stage.get(stage, 0) for stage in OPEN_STAGES}
        kept, refunded, reserved = self._studio.receipts.totals()
        balance = self._studio.balance()
        yield _gauges("studio_clips_open", "Clips that are on their way, by stage.", "stage", waiting)
        yield _gauges(
            "studio_clips_failed", "Clips in the history with an error, by its code.", "code", found.by_error_code
        )
        yield _gauge("studio_clips_planned", "Clips in the queue, not paid.", found.planned)
        yield _gauge(
            "studio_oldest_due_seconds", "How long a clip is overdue that no engine holds.", found.oldest_due_seconds
        )
        yield _gauge(
            "studio_rivya_pause_seconds",
            "How long Rivya asked to wait still.",
            self._studio.store.outbox.pause_seconds(),
        )
        credits_by_fate = {"kept": kept, "refunded": refunded, "reserved": reserved}
        yield _gauges("studio_credits", "Credits of this history, by what became of them.", "fate", credits_by_fate)
        if balance:
            yield _gauge("studio_credits_left", "The balance last seen at Rivya.", balance.credits)
            yield _gauge("studio_credits_seen_timestamp_seconds", "When it was seen.", balance.seen_at.timestamp())
        yield _gauges("studio_videos", "Paid videos, by how they are doing.", "health", self._studio.archive_health())
        yield _gauge("studio_disk_free_bytes", "Room left where videos are kept.", free_disk_bytes(self._studio))
        yield _gauge(
            "studio_engine_up", "1 while this process's engine works or stands by.", float(self._studio.is_running)
        )


def prometheus_text(studio: Studio) -> bytes:
    """Return all figures of ``studio`` in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(StudioCollector(studio))
    return generate_latest(registry)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _gauges(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
