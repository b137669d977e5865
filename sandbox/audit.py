"""The sandbox's books as a test wants to read them: what arrived, what was made of it, what each task was charged."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.faults import FaultPlan
from sandbox.ledger import Account, Ledger

_ENTRIES = {
    "queued": {"reserve"},
    "processing": {"reserve"},
    "succeeded": {"reserve", "settle"},
    "failed": {"reserve", "refund"},
}


def report(ledger: Ledger, plan: FaultPlan) -> dict[str, Any]:
    """Count requests, faults, tasks and credits.

    ``charges`` maps each task to the credits it holds now; ``ledger_ok`` says that they and the balance make up what
    was granted, and that each task has exactly the entries of its status.
    """
    balance, granted, accounts = ledger.books()
    charges = {account.task_id: account.charged for account in accounts}
    return {
        "balance": balance,
        "granted": granted,
        "charged": sum(charges.values()),
        "charges": charges,
        "ledger_ok": balance + sum(charges.values()) == granted and all(map(_is_sound, accounts)),
        "tasks": dict(Counter(account.status for account in accounts)),
        "tasks_created": len(accounts),
        "creates_received": plan.received["create"],
        "requests": dict(plan.received),
        "faults": plan.report(),
    }


def _is_sound(account: Account) -> bool:
    price = 0 if account.status == "failed" else account.reserved_credits
    return account.charged == price and set(account.entries) == _ENTRIES[account.status]
