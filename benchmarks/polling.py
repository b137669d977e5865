"""Requests and lag of the learned rhythm against fixed polling: ``python -m benchmarks.polling``."""

from __future__ import annotations

import math
import random
from statistics import fmean

from rivya.polling import Durations, next_poll_delay

TASKS = 4000
PAST = 50
FIRST_SECONDS = 2.5


def run(durations: list[float], delay_of: object) -> tuple[float, float]:
    """Return the mean requests and the mean lag in seconds."""
    requests, lags = [], []
    for duration in durations:
        now, count = FIRST_SECONDS, 1
        while now < duration:
            now += delay_of(now)  # type: ignore[operator]
            count += 1
        requests.append(count)
        lags.append(now - duration)
    return fmean(requests), fmean(lags)


def main() -> None:
    """Print both rhythms side by side for two services."""
    rng = random.Random(7)
    for mean, deviation in ((45, 20), (120, 40)):
        sigma = math.sqrt(math.log(1 + (deviation / mean) ** 2))
        mu = math.log(mean) - sigma**2 / 2
        learned = Durations.learn([rng.lognormvariate(mu, sigma) for _ in range(PAST)])
        tasks = [rng.lognormvariate(mu, sigma) for _ in range(TASKS)]
        print(f"\nservice {mean} ± {deviation} s, {PAST} past durations, {TASKS} tasks")
        fixed = run(tasks, lambda _: 5.0)
        rows = {
            "fixed 5 s": fixed,
            "learned, 5 to 10 s (default)": run(tasks, lambda t, d=learned: next_poll_delay(t, d)),
            "learned, 5 to 15 s": run(tasks, lambda t, d=learned: next_poll_delay(t, d, max_seconds=15)),
        }
        for name, (requests, lag) in rows.items():
            ratios = f"x{requests / fixed[0]:.2f} requests, x{lag / fixed[1]:.2f} lag"
            print(f"  {name:30} {requests:5.1f} requests  {lag:5.2f} s lag   {ratios}")


if __name__ == "__main__":
    main()
