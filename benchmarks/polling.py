"""Requests and lag of the learned rhythm, fixed polling and the optimum beside it: ``python -m benchmarks.polling``.

Two rhythms differ in both, so each is held against the one that has as much lag, and against the one that has as many
requests. The optimum knows the durations that the rhythm learns from fifty of them, and may use the same delays.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from statistics import NormalDist, fmean
from typing import NamedTuple

from rivya.polling import Durations, longest_delay, next_poll_delay

TASKS = 4000
PAST = 50
FIRST_SECONDS = 2.5
STEP_SECONDS = 0.25
HORIZON_SECONDS = 900.0
HALVINGS = 20
SERVICES = ((45, 20), (120, 40))
DELAYS = ((5.0, 10.0), (5.0, 15.0), (2.0, 15.0))
"""Rivya's advice and the default; slower, as it advises for long videos; and more often than it advises."""

Rhythm = Callable[[float], float]


class Cost(NamedTuple):
    """What a task costs on average."""

    requests: float
    lag_seconds: float


def cost(durations: list[float], delay_of: Rhythm) -> Cost:
    """Return what tasks of these ``durations`` cost in a rhythm."""
    requests, lags = [], []
    for duration in durations:
        now, count = FIRST_SECONDS, 1
        while now < duration:
            now += delay_of(now)
            count += 1
        requests.append(count)
        lags.append(now - duration)
    return Cost(fmean(requests), fmean(lags))


def optimum(mu: float, sigma: float, shortest: float, longest: float, price_seconds: float) -> Rhythm:
    """Return the rhythm with the least lag and ``price_seconds`` a request in all, by dynamic programming.

    From the end back: at each moment the delay is best after which what is left costs least.
    """
    log_seconds = NormalDist(mu, sigma)
    steps = int(HORIZON_SECONDS / STEP_SECONDS)
    ended = [0.0, *(log_seconds.cdf(math.log(step * STEP_SECONDS)) for step in range(1, steps + 1))]
    # What those that end by a moment would have to wait in all for a look at it.
    waited = [0.0]
    for share in ended[:-1]:
        waited.append(waited[-1] + share * STEP_SECONDS)
    choices = range(round(shortest / STEP_SECONDS), round(longest / STEP_SECONDS) + 1)
    left, best = [0.0] * (steps + 1), [choices[0]] * (steps + 1)
    for here in range(steps - 1, -1, -1):
        costs = []
        for delay in choices:
            there = min(here + delay, steps)
            lag = waited[there] - waited[here] - ended[here] * (there - here) * STEP_SECONDS
            costs.append(price_seconds * (1 - ended[here]) + lag + left[there])
        left[here] = min(costs)
        best[here] = choices[costs.index(left[here])]
    return lambda now: best[min(round(now / STEP_SECONDS), steps)] * STEP_SECONDS


def with_as_much(measure: str, wanted: float, costs: Callable[[float], Cost], between: tuple[float, float]) -> Cost:
    """Return what a rhythm costs that is turned until a ``measure`` of it is what is ``wanted``."""
    low, high = between
    grows = getattr(costs(high), measure) > getattr(costs(low), measure)
    for _ in range(HALVINGS):
        middle = math.sqrt(low * high)
        if (getattr(costs(middle), measure) < wanted) == grows:
            low = middle
        else:
            high = middle
    return costs(math.sqrt(low * high))


def main() -> None:
    """Print each rhythm of two services beside both others."""
    rng = random.Random(7)
    for mean, deviation in SERVICES:
        sigma = math.sqrt(math.log(1 + (deviation / mean) ** 2))
        mu = math.log(mean) - sigma**2 / 2
        learned = Durations.learn([rng.lognormvariate(mu, sigma) for _ in range(PAST)])
        tasks = [rng.lognormvariate(mu, sigma) for _ in range(TASKS)]
        fixed = cost(tasks, lambda _: 5.0)
        print(f"\nclips of {mean} ± {deviation} s, {PAST} past durations, {TASKS} tasks")
        print(f"  every 5 s: {fixed.requests:.1f} requests, {fixed.lag_seconds:.2f} s lag")
        for shortest, longest in DELAYS:
            _print_beside(learned, (mu, sigma), tasks, shortest, longest)


def _print_beside(
    learned: Durations, truth: tuple[float, float], tasks: list[float], shortest: float, longest: float
) -> None:
    ours = cost(tasks, lambda now: next_poll_delay(now, learned, min_seconds=shortest, max_seconds=longest))
    print(f"  {shortest:.0f} to {longest:.0f} s, learned: {ours.requests:.1f} requests, {ours.lag_seconds:.2f} s lag")
    most = longest_delay(Durations(*truth), longest)
    others: dict[str, tuple[Callable[[float], Cost], tuple[float, float]]] = {
        "evenly": (lambda seconds: cost(tasks, lambda _: seconds), (1.0, 60.0)),
        "the optimum": (lambda price: cost(tasks, optimum(*truth, shortest, most, price)), (0.001, 30.0)),
    }
    for name, (costs, between) in others.items():
        lag = with_as_much("requests", ours.requests, costs, between).lag_seconds
        requests = with_as_much("lag_seconds", ours.lag_seconds, costs, between).requests
        print(
            f"    beside {name:12} as many requests: x{ours.lag_seconds / lag:.2f} lag ({lag:.2f} s);"
            f" as much lag: x{ours.requests / requests:.2f} requests ({requests:.1f})"
        )


if __name__ == "__main__":
    main()
