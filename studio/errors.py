"""What can go wrong in the studio itself, as ``rivya.errors`` tells of Rivya.

::

    RivyaError
    ├── TableError                  a list of templates or prompts cannot be read as it is (also a ValueError)
    ├── VideoError                  a video cannot be edited like that
    ├── BudgetError                 the daily credit limit of this studio is reached
    ├── RoleError                   a person's role does not allow this
    ├── KeyNeededError              the clips of a person's own key, which is not here, cannot be paid
    ├── PlanWithdrawnError          a planned clip may not be sent any more; nothing was
    ├── StoreError                  the local database or the disk refused
    │   ├── DatabaseBusyError       another program holds the database
    │   └── NewerDatabaseError      the database belongs to a newer studio
    ├── WriterError                 the team's own writer gave no prompt
    └── BrokenVideoError            a delivered file is not a video that plays
"""

from __future__ import annotations

from typing import ClassVar

from rivya.errors import RivyaError
from studio.i18n import N_


class TableError(RivyaError, ValueError):
    """A list of templates or prompts cannot be read as it is.

    ``line`` counts from 1 (in JSON: the entry) and is ``None`` when the whole file is meant; ``field`` names the
    column. ``user_message`` says the limit and the remedy.
    """

    def __init__(self, user_message: str, *, line: int | None = None, field: str = "", **values: object) -> None:
        filled = {"line": line, "field": field, **values}
        super().__init__(user_message.format(**filled), **filled)
        self.user_message = user_message
        self.line = line
        self.field = field


class VideoError(RivyaError):
    """A video cannot be edited like that; ``user_message`` says what, the limit and the remedy."""

    def __init__(self, user_message: str, **values: object) -> None:
        super().__init__(user_message.format(**values), **values)
        self.user_message = user_message


class BudgetError(RivyaError):
    """The next clip would pass a limit of the studio or of a person; ``values``: ``limit``, ``spent``, ``price``."""

    _MESSAGES: ClassVar = {
        ("studio", "day"): N_(
            "Today's limit of {limit} credits would be passed: {spent} are spent and this clip costs {price}. "
            "It was not sent. Try again tomorrow, or ask for a higher limit."
        ),
        ("studio", "month"): N_(
            "This month's limit of {limit} credits would be passed: {spent} are spent and this clip costs {price}. "
            "It was not sent. Ask for a higher limit."
        ),
        ("person", "day"): N_(
            "Your limit of {limit} credits a day would be passed: {spent} are spent and this clip costs {price}. "
            "It was not sent. Try again tomorrow, or ask for a higher limit."
        ),
        ("person", "month"): N_(
            "Your limit of {limit} credits a month would be passed: {spent} are spent and this clip costs {price}. "
            "It was not sent. Ask for a higher limit."
        ),
    }

    def __init__(self, whose: str, span: str, **values: int) -> None:
        super().__init__(f"limit of the {whose} for a {span} reached", **values)
        self.whose, self.span = whose, span
        self.user_message = self._MESSAGES[whose, span]


class RoleError(RivyaError):
    """A person's role does not allow this; nothing was changed or spent."""

    _MESSAGES: ClassVar = {
        "maker": N_("You may look, but not spend. Ask a lead instead. Nothing was sent."),
        "lead": N_("Only a lead may do this. Nothing was changed."),
        "own": N_("A colleague planned this and would pay. Ask them, or a lead, to start it."),
    }

    def __init__(self, needed: str) -> None:
        super().__init__(f"only for a {needed}")
        self.user_message = self._MESSAGES[needed]


class KeyNeededError(RivyaError):
    """The key that pays for these clips is not in memory, as after a restart; nothing was sent."""

    user_message = N_("Your key is needed. Enter it to go on; nothing was sent.")


class PlanWithdrawnError(RivyaError):
    """A person took back their word on a planned clip, or held the queue, before it was sent. Nothing was spent."""

    user_message = N_("This one was taken out of the queue, so it was not sent. Release it again to make it.")


class StoreError(RivyaError):
    """The local database or the disk refused."""

    user_message = N_(
        "The studio could not write to its own disk, so this was not sent. Free some space and try again."
    )


class DatabaseBusyError(StoreError):
    """Another program has held the database's lock for longer than anybody wants to wait."""

    user_message = N_(
        "Another program is using the history's file and does not let go, so nothing was sent. Close it, or try again."
    )


class NewerDatabaseError(StoreError):
    """The database was made by a newer version of the studio; it is left untouched."""

    user_message = N_(
        "This history was written by a newer version of the studio. Update the studio; nothing was changed."
    )


class BrokenVideoError(RivyaError):
    """A delivered file is not a video that plays; ``str()`` says why. It is fetched again, never paid again."""

    user_message = N_(
        "The file that Rivya delivered does not play. The studio fetches it again. You will not pay again."
    )


class WriterError(RivyaError):
    """The team's own writer gave no prompt. ``user_message`` says why."""

    def __init__(self, user_message: str, **values: object) -> None:
        super().__init__(user_message.format(**values), **values)
        self.user_message = user_message
