"""Who may spend, who decides for others, and what that means for a press. Where no lead is set up, everybody may all.

A person is a name, as the sign-in signed it; ``None`` is whoever runs the machine (the command line, a script), and an
empty name is somebody who was never asked for one.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from rivya.errors import InvalidRequestError
from studio.errors import KeyNeededError, RoleError
from studio.i18n import N_
from studio.settings import Settings
from studio.store.budget import Limits
from studio.store.members import EVERYBODY, Action, Deed, Member, Members, Role, clean_name, person_key

MOST_CREDITS = 1_000_000_000


class Team:
    """The roles of one studio. Cheap to ask: one row by its key."""

    def __init__(self, members: Members, settings: Settings) -> None:
        self._members = members
        self._first_leads = frozenset(person_key(name) for name in settings.leads.split(",") if clean_name(name))
        self._is_set_up = bool(self._first_leads or settings.lead_passphrase)
        self._knows_names = bool(settings.passphrase or settings.allowed_people.strip())
        self._is_private = settings.history == "private"
        self._needs_key = settings.needs_key
        self._has_lead_passphrase = settings.lead_passphrase is not None

    @property
    def has_roles(self) -> bool:
        """Whether people differ in what they may do."""
        return self._differ(None)

    def _differ(self, connection: sa.Connection | None) -> bool:
        # Within a transaction by its own connection: who holds one and waits for another can wait for each other.
        return self._knows_names and (self._is_set_up or self._members.any(connection))

    @property
    def wants_names(self) -> bool:
        """Whether nobody comes in without saying who they are."""
        return self.has_roles or self._is_private

    def reader(self, person: str) -> str | None:
        """Return whose clips alone a person may read: their own where histories are private, unless they lead."""
        if not self._is_private or (self.has_roles and self.role(person) is Role.LEAD):
            return None
        return person

    def role(self, person: str | None, connection: sa.Connection | None = None) -> Role:
        """Return what a person may do now: a role that was taken away a moment ago is gone."""
        if person is None or not self._differ(connection):
            return Role.LEAD
        if not person:
            return Role.VIEWER
        if person_key(person) in self._first_leads:
            return Role.LEAD
        return self._members.role(person, connection)

    def require(self, person: str | None, needed: Role, connection: sa.Connection | None = None) -> None:
        """Raise ``RoleError`` when a person may not do what needs ``needed``, and ``KeyNeededError`` without a key."""
        if self._needs_key and needed is Role.MAKER:
            raise KeyNeededError
        if not self.role(person, connection).may(needed):
            raise RoleError(needed)

    def may_start(self, person: str | None, planned_by: str | None) -> bool:
        """Whether a person may start what somebody planned, by whose limits it counts: one's own, or any as a lead."""
        role = self.role(person)
        return role is Role.LEAD or (role.may(Role.MAKER) and person_key(planned_by or "") == person_key(person or ""))

    def role_of_others(self) -> Role:
        """Return the role of whoever was given none."""
        return self._members.role(EVERYBODY)

    def members(self) -> list[Member]:
        """Return everybody who was given a role, by name."""
        return self._members.all()

    def is_first_lead(self, name: str) -> bool:
        """Whether a name is a lead by RIVYA_LEADS, which nobody changes from a page."""
        return person_key(name) in self._first_leads

    def give(self, name: str, role: Role, *, by: str | None) -> None:
        """Give a person, or ``EVERYBODY`` without one, a role; the activity log keeps who did.

        Raises ``RoleError``, and ``InvalidRequestError`` for no name or for one's own role.
        """
        self.require(by, Role.LEAD)
        shown = name if name == EVERYBODY else clean_name(name)
        if not shown:
            raise InvalidRequestError("person", N_("A person needs a name. Write one."))
        if by is not None and person_key(by) == person_key(shown):
            raise InvalidRequestError("person", N_("Nobody changes their own role. Ask another lead."))
        self._members.give(shown, role, by=by, permit=lambda connection: self.require(by, Role.LEAD, connection))

    def limits(self) -> Limits:
        """Return the limits that a lead has set, beside those of the environment: the tighter holds."""
        return self._members.limits()

    def set_limit(self, name: str, credits_: int | None, *, by: str | None) -> None:
        """Set the limit ``name`` (a field of ``Limits``), or take it away with ``None``; it holds from the next press.

        Raises ``RoleError``, and ``InvalidRequestError`` for less than nothing or more than 1,000,000,000 credits.
        """
        self.require(by, Role.LEAD)
        if credits_ is not None and not 0 <= credits_ <= MOST_CREDITS:
            raise InvalidRequestError("limit", N_("A limit is 0 to {limit} credits. Change it."), limit=MOST_CREDITS)
        if getattr(self.limits(), name) != credits_:
            self._members.set_limit(name, credits_, by=by)

    def may_enter_as(self, name: str, *, is_lead: bool) -> bool:
        """Tell whether somebody may sign in under a name: a lead's is for who said the leads' passphrase."""
        return is_lead or not self._has_lead_passphrase or self.role(name) is not Role.LEAD

    def is_last_lead(self, name: str) -> bool:
        """Tell whether nobody would lead any more without this person."""
        return not self._is_set_up and self._members.leads() == [person_key(name)]

    def welcome_lead(self, name: str) -> None:
        """Make somebody who knows the leads' passphrase a lead, unless they are one."""
        if name and self._members.role(name) is not Role.LEAD:
            self._members.give(name, Role.LEAD, by=name)

    def note(self, person: str | None, action: Action, subjects: Sequence[str]) -> None:
        """Keep in the activity log what a person did; nothing where people have no roles."""
        if self.has_roles:
            self._members.note(person, action, subjects)

    def deeds(self, words: str = "", *, limit: int = 50) -> list[Deed]:
        """Return the newest lines of the activity log, those that hold ``words``."""
        return self._members.deeds(words, limit=limit)
