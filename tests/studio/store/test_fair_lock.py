"""A lock that goes to whoever has waited longest."""

from __future__ import annotations

import threading

from conftest import eventually

from studio.store.fair_lock import FairLock


def test_it_goes_round_in_the_order_of_asking():
    """Whoever lets go and asks again at once stands behind all who wait."""
    lock, order = FairLock(), []
    assert lock.acquire(0)

    def ask(number):
        assert lock.acquire(30)
        order.append(number)
        lock.release()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=ask, args=(number,)))
        threads[-1].start()
        eventually(lambda: len(lock._line) == len(threads))
    lock.release()
    assert lock.acquire(30)
    assert order == [0, 1, 2, 3, 4]
    for thread in threads:
        thread.join()


def test_whoever_gives_up_is_passed_over():
    """It is free for the next, and for good."""
    lock = FairLock()
    assert lock.acquire(0)
    assert not lock.acquire(0.01)
    assert not lock.acquire(0)
    lock.release()
    for _ in range(3):
        assert lock.acquire(0)
        lock.release()
