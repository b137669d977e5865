"""The two promises under attack, in a short form; ``make chaos`` runs the long one."""

from __future__ import annotations

import secrets

from chaos.chaos import Chaos


def test_nothing_is_lost_and_nothing_is_paid_twice(tmp_path, capsys):
    """Faults of every kind, kills at step boundaries and at random: every intent ends once, and the books agree."""
    seed = secrets.randbelow(2**31)
    with capsys.disabled():
        print(f"\nchaos seed {seed}")
    verdict = Chaos(tmp_path, seed=seed, intents=30, kills=8, share=0.05).run()
    assert (verdict.lost, verdict.twice, verdict.wrong) == ([], [], []), f"seed {seed}: {verdict}"
    assert verdict.kills >= 8
