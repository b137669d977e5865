"""A lock that goes to whoever has waited longest."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
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


@pytest.mark.parametrize("comes", ["while it waits", "when it is handed over"])
def test_whoever_is_interrupted_holds_nobody_up(monkeypatch, comes):
    """Ctrl+C in the middle of waiting."""
    lock = FairLock()
    assert lock.acquire(0)

    class Turn:
        def __init__(self):
            self.is_new = True

        def acquire(self, timeout=None):
            if self.is_new:
                self.is_new = False
                return
            if comes == "when it is handed over":
                lock.release()
            raise KeyboardInterrupt

        def release(self):
            pass

    with monkeypatch.context() as patch:
        patch.setattr("studio.store.fair_lock.threading", SimpleNamespace(Lock=Turn))
        with pytest.raises(KeyboardInterrupt):
            lock.acquire(30)
    if comes == "while it waits":
        lock.release()
    assert lock.acquire(0)


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
