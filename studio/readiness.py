"""May this process be sent work? Its database answers, its engine lives, its disk has room. For load balancers."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from studio.errors import StoreError
from studio.studio import Studio

ENOUGH_DISK_BYTES = 256 * 1024**2
"""Room for some ten clips while somebody is on the way."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was looked at, without a figure or a name that a stranger could use."""

    database: bool
    engine: bool
    disk: bool

    @property
    def is_ready(self) -> bool:
        """Whether all is well."""
        return all(asdict(self).values())


def readiness(studio: Studio) -> Readiness:
    """Look now. Costs one query; waits for the database as long as its own limits allow."""
    try:
        with studio.store.database.read() as connection:
            connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        answers = True
    except StoreError:
        answers = False
    return Readiness(answers, studio.is_running, free_disk_bytes(studio) >= ENOUGH_DISK_BYTES)


def free_disk_bytes(studio: Studio) -> int:
    """Return how much room is left where videos are kept."""
    return shutil.disk_usage(studio.archive.root).free
