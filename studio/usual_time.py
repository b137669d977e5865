"""How long a clip usually takes: told from this studio's own past, guessed before it has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rivya.polling import Durations

ENOUGH_PAST_CLIPS = 10
"""From fewer clips of the same settings nobody can tell how long the next one takes."""

LEAST_SLOW_SHARE = 1.5
"""Where all took about as long, a second more is not yet slow."""

DEMO_SAVING_SECONDS = 2.0
"""From the end of a demo clip until it is seen and saved."""


@dataclass(frozen=True, slots=True)
class UsualTime:
    """How long clips of some settings take until they are here, in seconds: half within ``median``.

    Nine of ten are here within ``slow``. ``is_measured`` tells a figure that people may be told from a first guess,
    which only moves a bar.
    """

    median: float
    slow: float
    is_measured: bool

    def share(self, elapsed_seconds: float) -> float:
        """Return how far a clip of this age probably is, 0 to 0.98: only the end itself is 1."""
        late = min(max(elapsed_seconds - self.median, 0.0) / self.slow, 1.0)
        return 0.9 * min(elapsed_seconds / self.median, 1.0) + 0.08 * late


def learned(past_seconds: Sequence[float], *, demo_seconds: float | None = None) -> UsualTime:
    """Return how long clips take that are like those which took ``past_seconds`` until their videos were here.

    ``demo_seconds`` is the pace of the demo, ``None`` outside it: it is known before the first clip.
    """
    if demo_seconds is not None and not past_seconds:
        pace = demo_seconds + DEMO_SAVING_SECONDS
        return UsualTime(pace, 2 * pace, is_measured=True)
    if demo_seconds is not None or len(past_seconds) >= ENOUGH_PAST_CLIPS:
        totals = sorted(past_seconds)
        usual, nine_of_ten = median(totals), totals[int(0.9 * (len(totals) - 1))]
        return UsualTime(usual, max(nine_of_ten, LEAST_SLOW_SHARE * usual), is_measured=True)
    durations = Durations.learn(past_seconds)
    return UsualTime(durations.quantile(0.5), durations.quantile(0.9), is_measured=False)
