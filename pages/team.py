"""Who may do what, given in a small table, and the log of who did what."""

from __future__ import annotations

import functools

import streamlit as st

from studio.i18n import N_
from studio.store.members import EVERYBODY, MOST_NAME_CHARACTERS, Role, person_key
from studio.team import MOST_CREDITS
from ui.feedback import plain, run_action
from ui.i18n import _, number, time_text
from ui.labels import BUDGETS
from ui.runtime import actor, may, person, studio

MOST_LINES = 100
LIMITS = {
    "day": N_("All together, a day"),
    "month": N_("All together, a month"),
    "person_day": N_("Each person, a day"),
    "person_month": N_("Each person, a month"),
}
FIELDS = {
    ("studio", "day"): "day",
    ("studio", "month"): "month",
    ("person", "day"): "person_day",
    ("person", "month"): "person_month",
}
ROLES: dict[Role, str] = {Role.VIEWER: N_("Viewer"), Role.MAKER: N_("Maker"), Role.LEAD: N_("Lead")}
MEANINGS: dict[Role, str] = {
    Role.VIEWER: N_("looks, and asks a lead for clips"),
    Role.MAKER: N_("makes clips within the limits"),
    Role.LEAD: N_("decides for others, gives roles, removes for good"),
}
ACTIONS: dict[str, str] = {
    "role": N_("Gave a role"),
    "limit": N_("Set a limit"),
    "ask": N_("Asked for a clip"),
    "approve": N_("Approved"),
    "decline": N_("Declined"),
    "trash": N_("Moved to the trash"),
    "remove": N_("Removed for good"),
}


def role_name(role: Role) -> str:
    return _(ROLES[role])


def people() -> None:
    """Everybody who is known, with a role that a lead can change in place."""
    team = studio().team
    st.caption(" · ".join(f"**{role_name(role)}**: {_(MEANINGS[role])}" for role in Role))
    known = {person_key(member.name): member.name for member in team.members()}
    known |= {person_key(name): name for name in studio().clips.people() if person_key(name) not in known}
    known.setdefault(person_key(actor()), actor())
    givers = {person_key(member.name): member for member in team.members()}
    for key, name in sorted(known.items()):
        if not key:
            continue
        role = team.role(name)
        member = givers.get(key)
        giver = (member.changed_by or _("this machine")) if member else ""
        said = _("by {name}, {time}", name=giver, time=time_text(member.changed_at)) if member else ""
        is_me = key == person_key(actor())
        is_fixed = is_me or team.is_first_lead(name) or not may(Role.LEAD)
        person_row(name, role, _("You") if is_me else said, is_fixed=is_fixed)
    person_row(EVERYBODY, team.role_of_others(), _("who has no role of their own"), is_fixed=not may(Role.LEAD))
    if may(Role.LEAD):
        with (
            st.form("team_add", border=False, clear_on_submit=True),
            st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
        ):
            name = st.text_input(_("Name"), key="team_name", max_chars=MOST_NAME_CHARACTERS, width=280)
            chosen = st.selectbox(_("Role"), list(Role), index=1, key="team_role", format_func=role_name, width=160)
            if st.form_submit_button(_("Add"), icon=":material/person_add:"):
                run_action(functools.partial(team.give, by=actor()), name, chosen, done=_("Done."))
                st.rerun()


def person_row(name: str, role: Role, said: str, *, is_fixed: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"team_row_{person_key(name)}"):
        with st.container(gap=None, width=280):
            shown = _("Everybody else") if name == EVERYBODY else plain(name)
            st.markdown(f"**{shown}**")
            if said:
                st.caption(plain(said))
        if is_fixed:
            st.badge(role_name(role), color="violet" if role is Role.LEAD else "gray")
            return
        options = [one for one in Role if name != EVERYBODY or one is not Role.LEAD]
        key = f"team_role_{name}"
        st.session_state[key] = role
        st.selectbox(
            _("Role of {name}", name=name), options, key=key, format_func=role_name, label_visibility="collapsed",
            width=160, on_change=_give, args=(name, key),
        )  # fmt: skip


def _give(name: str, key: str) -> None:
    run_action(functools.partial(studio().team.give, by=actor()), name, st.session_state[key])


def limits() -> None:
    """How much may be spent: a lead sets it here, and it holds from the next press on, in every browser."""
    st.header(_("Limits"), anchor=False)
    now, may_change = studio().team.limits(), may(Role.LEAD)
    with st.container(horizontal=True, gap="small", key="team_limits"):
        for name, label in LIMITS.items():
            key = f"team_limit_{name}"
            st.session_state[key] = getattr(now, name)
            st.number_input(
                _(label), min_value=0, max_value=MOST_CREDITS, step=25, key=key, width=210, placeholder=_("No limit"),
                disabled=not may_change, on_change=_set_limit, args=(name, key),
            )  # fmt: skip
    budgets = studio().budgets(person())
    if configured := [one for one in budgets if getattr(now, FIELDS[one.whose, one.span]) != one.limit]:
        said = " · ".join(_(BUDGETS[one.whose, one.span], left=one.left, limit=one.limit) for one in configured)
        st.caption(_("From the environment: {limits}", limits=said))


def _set_limit(name: str, key: str) -> None:
    run_action(functools.partial(studio().team.set_limit, by=actor()), name, st.session_state[key])


def activity() -> None:
    """Who did what, the newest first; nobody can change or remove a line of it."""
    st.header(_("Activity"), anchor=False)
    words = st.text_input(
        _("Search the activity"), key="team_search", label_visibility="collapsed", max_chars=100, width=320,
        placeholder=_("Search the activity"),
    )  # fmt: skip
    deeds = studio().team.deeds(words or "", limit=MOST_LINES)
    if not deeds:
        st.caption(_("Nothing fits.") if words else _("Roles, approvals and what was removed will stand here."))
        return
    st.table(
        {
            _("When"): [time_text(deed.at) for deed in deeds],
            _("Who"): [plain(deed.person or _("This machine")) for deed in deeds],
            _("What"): [_(ACTIONS.get(deed.action, deed.action)) for deed in deeds],
            _("About"): [plain(deed.subject) for deed in deeds],
        },
        border="horizontal",
    )
    if len(deeds) == MOST_LINES:
        st.caption(_("The newest {count}. Search for older ones.", count=number(MOST_LINES)))


people()
limits()
activity()
