"""A story planned before it is paid: a strip of shots, paid one by one or all at once, and one video in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from rivya.spec import DEFAULT_MODEL
from studio.errors import RoleError
from studio.i18n import N_
from studio.prompts.shots import ShotText, split_into_shots
from studio.store.clip import State
from studio.store.members import Role
from studio.storyboard import Board, Dropped, Shot
from ui.clip_view import shortened, time_together, watched
from ui.components.gallery_keys import gallery_keys
from ui.components.live_prompt import live_prompt
from ui.components.shot_strip import ShotCard, shot_strip
from ui.feedback import error_text, needs_full_rerun, plain, run_action, too_few_credits
from ui.i18n import _, ngettext, number
from ui.labels import PAUSE_REASONS, clip_label, go_on_label, param_label
from ui.panels import inbox
from ui.panels.shot_desk import PRICE, ShotState, open_shot, opened, start_shots, undo_line
from ui.panels.story_export import whole_video
from ui.ratio_drawings import ratio_drawings
from ui.runtime import actor, balance, clip_url, may, person, studio
from ui.session import say, state_of

REFRESH_SECONDS = 2.0
CARD_CHARACTERS = 70
NAME_CHARACTERS = 48
EXAMPLE = N_("A boat leaves the shore at dawn.\nIt meets a whale (10 s)\nNight falls over both of them.")
BOARD_SETTINGS = ("aspect_ratio", "resolution")


@dataclass
class StoryboardState:
    """The board that is open, whether a new one is being written, and what moved or was here at the last drawing."""

    board_id: str = ""
    is_new: bool = False
    was_moving: bool = False
    seen: list[str] = field(default_factory=list)
    drawn: tuple[str, list[tuple[str, str]]] | None = None
    dropped: Dropped | None = None


def choose_board(boards: dict[str, Board]) -> str:
    """Return the board to show, empty for a new one; draw the way from one to another where there are several."""
    state = state_of(StoryboardState)
    # Who writes the first story goes on writing it, though somebody else makes a storyboard meanwhile.
    state.is_new = state.is_new or not boards
    if state.is_new:
        return ""
    if state.board_id not in boards:
        state.board_id = next(iter(boards))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.session_state["storyboard_name"] = state.board_id
        st.selectbox(
            _("Storyboard"), list(boards), key="storyboard_name", width=420, label_visibility="collapsed",
            format_func=lambda board_id: boards[board_id].name, on_change=open_chosen,
        )  # fmt: skip
        st.button(_("New storyboard"), key="storyboard_new", icon=":material/add:", on_click=begin_new)
        st.button(
            _("Delete"), key="icon_storyboard_delete", icon=":material/delete:", type="tertiary", on_click=forget,
            args=(state.board_id,), help=_("Drops the plan. Clips that were made stay in the history."),
        )  # fmt: skip
    return state.board_id


def open_chosen() -> None:
    state_of(StoryboardState).board_id = st.session_state["storyboard_name"]


def begin_new() -> None:
    state_of(StoryboardState).is_new = True


def forget(board_id: str) -> None:
    state = state_of(StoryboardState)
    try:
        state.dropped, state.board_id = studio().storyboards.forget(board_id, by=actor()), ""
    except RoleError as error:
        say(error_text(error))


def dropped_line() -> None:
    """Offer to bring back the storyboard that was dropped last."""
    dropped = state_of(StoryboardState).dropped
    if dropped is None:
        st.empty()
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small", key="storyboard_dropped"):
        words = _("{name} is gone. Its clips are in the history.", name=plain(dropped.board.name))
        st.markdown(f":material/delete: {words}", width="stretch")
        st.button(_("Undo"), key="storyboard_bring_back", icon=":material/undo:", on_click=bring_back)


def bring_back() -> None:
    state = state_of(StoryboardState)
    if state.dropped:
        studio().storyboards.bring_back(state.dropped, person=person())
        state.board_id, state.is_new, state.dropped = state.dropped.board_id, False, None


def new_board(*, may_go_back: bool) -> None:
    """From a paragraph or a list to a strip of unpaid shots."""
    st.caption(_("Paste a paragraph or a list of shots. It becomes a strip of planned clips; nothing is paid yet."))
    text = st.text_area(
        _("Your story"), key="storyboard_text", height=190, persist_state="session",
        placeholder=_(EXAMPLE),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small", key="storyboard_settings"):
        params = {
            key: st.segmented_control(
                param_label(key), DEFAULT_MODEL.param(key).options, key=f"storyboard_{key}", required=True,
                default=str(DEFAULT_MODEL.param(key).default), persist_state="session",
            )
            for key in BOARD_SETTINGS
        }  # fmt: skip
        ratio_drawings("storyboard_aspect_ratio")
    shots = split_into_shots(text or "")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Make the storyboard"), key="storyboard_make", type="primary", icon=":material/view_carousel:",
            disabled=not shots, on_click=run_action, args=(make_board, shots, params),
        )  # fmt: skip
        if may_go_back:
            st.button(_("Back"), key="storyboard_back", type="tertiary", on_click=end_new)
        if not shots:
            st.button(
                _("Try this story"), key="storyboard_example", icon=":material/lightbulb:", type="tertiary",
                on_click=take_example,
            )  # fmt: skip
        st.caption(totals([(int(shot.duration), dict(params)) for shot in shots]) if shots else "", width="content")


def take_example() -> None:
    st.session_state["storyboard_text"] = _(EXAMPLE)


def end_new() -> None:
    state_of(StoryboardState).is_new = False


def make_board(shots: list[ShotText], params: dict[str, str | int]) -> None:
    name = shortened(shots[0].prompt, NAME_CHARACTERS)
    board_id = studio().storyboards.add(Board(name, params), person=person())
    studio().storyboards.add_shots(board_id, shots, person=person())
    state = state_of(StoryboardState)
    state.board_id, state.is_new = board_id, False
    st.session_state["storyboard_text"] = ""


def totals(shots: list[tuple[int, dict[str, str | int]]]) -> str:
    """Say how many shots there are, how long they are together, what they cost and how long that takes."""
    parts = [
        ngettext("{count} shot", "{count} shots", len(shots)),
        _("{seconds} s", seconds=sum(seconds for seconds, _params in shots)),
        _("{credits} credits", credits=number(len(shots) * PRICE)),
    ]
    parts.append(time_together({**params, "duration": str(seconds)} for seconds, params in shots))
    return " · ".join(filter(None, parts))


def card(shot: Shot, place: int, *, is_next: bool) -> ShotCard:
    pictured = shot.clip or shot.former
    return ShotCard(
        id=shot.plan.id, number=number(place), words=shortened(shot.plan.prompt, CARD_CHARACTERS),
        state=shot_state(shot, is_next=is_next), continues=shot.plan.continues and not shot.is_cut,
        moves=bool(shot.clip and shot.clip.is_open),
        poster=clip_url(pictured, "webp") if pictured and pictured.poster_path else "",
        seconds=_("{seconds} s", seconds=shot.seconds),
    )  # fmt: skip


def shot_state(shot: Shot, *, is_next: bool) -> str:
    if shot.clip:
        return clip_label(shot.clip)
    if shot.plan.released_at:
        return _("Next up") if is_next else _("In line")
    return _("To be made again") if shot.former else _("Planned")


def is_moving(shots: list[Shot]) -> bool:
    return any(shot.is_moving for shot in shots)


def strip(board_id: str) -> None:
    """The shots as a strip, the sums, and the buttons that pay."""
    shots = studio().storyboards.shots(board_id)
    state = state_of(StoryboardState)
    here = [shot.plan.id for shot in shots if shot.is_here]
    # What is open stands below, outside this part of the page.
    if needs_full_rerun() or state.was_moving != is_moving(shots) or state.seen != here or state.drawn != below(shots):
        st.rerun()
    next_up = studio().queue.next_up()
    words = {
        "label": _("Shots"),
        "continues": _("Starts from the last frame of the one before"),
        "keys": _("Arrows move on, Alt with an arrow moves the shot, Enter opens it."),
    }
    shot_strip(
        [card(shot, place, is_next=shot.plan.id == next_up) for place, shot in enumerate(shots, 1)],
        selected=opened(shots), words=words, on_select=select, on_arrange=studio().storyboards.arrange,
    )  # fmt: skip
    pay(shots)


def below(shots: list[Shot]) -> tuple[str, list[tuple[str, str]]]:
    """Return what the panel below the strip shows: the shot that is open, and how far each has come."""
    return opened(shots), [(shot.plan.id, shot.clip.id if shot.clip else "") for shot in shots]


def select(shot_id: str) -> None:
    state_of(ShotState).shot_id, state_of(ShotState).is_following = shot_id, False


def sums(shots: list[Shot], unpaid: list[Shot]) -> None:
    """Say what is started, what will be when its turn comes, and what nobody has started."""
    in_line = [shot for shot in shots if shot.clip is None and shot.is_paid]
    to_come = len(in_line)
    failed = sum(bool(shot.clip and shot.clip.state in {State.FAILED, State.REFUSED}) for shot in shots)
    started = len(shots) - to_come - len(unpaid) - failed
    rest = totals([(shot.seconds, dict(shot.plan.params)) for shot in unpaid])
    if len(unpaid) == len(shots):
        st.markdown(f"**{rest}**")
        return
    if to_come:
        words = ngettext(
            "**{count} shot in line** · {credits} credits when its turn comes",
            "**{count} shots in line** · {credits} credits as their turns come",
            to_come,
            credits=number(to_come * PRICE),
        )
        if started:
            words += f" · {_started(shots, started)}"
    elif unpaid or failed:
        words = f"**{_started(shots, started)}**"
    else:
        seconds = sum(shot.seconds for shot in shots)
        words = _("**All {count} shots are started** · {seconds} s", count=len(shots), seconds=seconds)
        if all(shot.is_here for shot in shots):
            words = _("**All {count} shots are ready** · {seconds} s", count=len(shots), seconds=seconds)
        if open_ := sum(bool(shot.clip and shot.clip.is_open) for shot in shots):
            words += " · " + ngettext("{count} still being made", "{count} still being made", open_)
    wait = time_together(shot.plan.params for shot in in_line)
    free = ngettext("{count} failed, for free", "{count} failed, for free", failed) if failed else ""
    st.markdown(" · ".join(filter(None, (words, wait, free))))
    if unpaid:
        st.caption(_("Not started: {what}", what=rest))


def _started(shots: list[Shot], count: int) -> str:
    """Say of the shots that were sent how many are ready, and how many are still being made."""
    ready = sum(shot.is_here for shot in shots)
    if not ready:
        return ngettext("{count} shot is started", "{count} shots are started", count)
    words = ngettext("{count} shot is ready", "{count} shots are ready", ready)
    if count > ready:
        words += " · " + ngettext("{count} still being made", "{count} still being made", count - ready)
    return words


def pay(shots: list[Shot]) -> None:
    """The sums, and beside them the buttons that pay."""
    unpaid = [shot for shot in shots if not shot.is_paid]
    told, reason = balance(), studio().queue.pause_reason()
    has_started = any(shot.plan.released_at and shot.clip is None for shot in shots)
    is_held = bool(reason and has_started and may(Role.MAKER))
    if unpaid and told and told.credits < len(unpaid) * PRICE:
        too_few_credits("storyboard", len(unpaid) * PRICE)
    # At the other side than the press that makes the strip: who presses twice in haste has paid nothing.
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="storyboard_pay"):
        with st.container(width="stretch", gap="xxsmall"):
            sums(shots, unpaid)
        if unpaid:
            presses(shots, unpaid, told.credits if told else None)
    if reason and (unpaid or has_started):
        st.warning(_(PAUSE_REASONS[reason]), icon=":material/pause_circle:")
    if is_held:
        # Not where the buttons above were: a second press there would pay for the whole line.
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            go_on()
            what_goes_on_besides(shots)
    elif has_started and may(Role.MAKER):
        pause()
    elif reason and unpaid:
        # What is held is no shot of this story: it is looked at where it waits.
        st.page_link("planned.py", label=_("Open the queue"), icon=":material/playlist_play:")


def presses(shots: list[Shot], unpaid: list[Shot], credits_left: float | None) -> None:
    """The button that pays for the next shot, and the one for all that are left; a held line only takes them."""
    startable = [shot for shot in unpaid if shot.is_startable]
    price = len(unpaid) * PRICE
    is_held = studio().storyboards.is_held()
    label = _("Start the next shot · {price} credits", price=number(PRICE))
    if startable and startable[0].former:
        label = _("Make shot {number} again · {price} credits", number=number(shots.index(startable[0]) + 1),
                  price=number(PRICE))  # fmt: skip
    if is_held:
        label = _("Put the next shot in line · {price} credits", price=number(PRICE))
    st.button(
        label, key="storyboard_next", type="secondary" if is_held else "primary", icon=":material/play_arrow:",
        disabled=not startable or (credits_left is not None and credits_left < PRICE),
        on_click=run_action, args=(start_shots, [startable[0].plan.id] if startable else []),
    )  # fmt: skip
    if len(unpaid) > 1:
        label = ngettext("Start {count} · {price} credits", "Start all {count} · {price} credits", len(unpaid),
                         price=number(price))  # fmt: skip
        if is_held:
            label = ngettext("Put {count} in line · {price} credits", "Put all {count} in line · {price} credits",
                             len(unpaid), price=number(price))  # fmt: skip
        st.button(
            label, key="storyboard_all", icon=":material/fast_forward:",
            disabled=credits_left is not None and credits_left < price,
            on_click=run_action, args=(start_shots, [shot.plan.id for shot in unpaid]),
        )  # fmt: skip


def pause() -> None:
    """Hold what was started and is not sent yet, as on Queue: shots go in the same line."""
    st.button(
        _("Pause"), key="storyboard_pause", icon=":material/pause:", on_click=run_action,
        args=(partial(studio().queue.pause, by=actor()),),
        help=_("Holds everything in line, clips in Queue too. Nothing is paid until you go on."),
    )  # fmt: skip


def go_on() -> None:
    """End the pause; the button says how many go on, and what they cost."""
    st.button(
        go_on_label(len(studio().queue.in_line())), key="storyboard_go_on", type="primary",
        icon=":material/play_arrow:", on_click=run_action, args=(partial(studio().queue.go_on, by=actor()),),
    )  # fmt: skip


def what_goes_on_besides(shots: list[Shot]) -> None:
    """Say before it is paid what going on sends besides these shots."""
    ours = {shot.plan.id for shot in shots}
    others = sum(plan.id not in ours for plan in studio().queue.in_line())
    if others:
        words = ngettext("{count} of them is no shot of this story: it waits in Queue or another storyboard.",
                         "{count} of them are no shots of this story: they wait in Queue or other storyboards.",
                         others)  # fmt: skip
        st.caption(words, width="content")


def more_shots(board_id: str) -> None:
    with st.expander(_("Add shots"), key="storyboard_more", icon=":material/add:"):
        text = st.text_area(_("More of the story"), key="storyboard_more_text", height=90)
        shots = split_into_shots(text or "")
        st.button(
            ngettext("Add {count} shot", "Add {count} shots", len(shots)), key="storyboard_add", disabled=not shots,
            on_click=run_action, args=(add_shots, board_id, shots),
        )  # fmt: skip


def add_shots(board_id: str, shots: list[ShotText]) -> None:
    studio().storyboards.add_shots(board_id, shots, person=person())
    st.session_state["storyboard_more_text"] = ""


with st.container():
    dropped_line()
found_boards = studio().storyboards.all()
chosen_id = choose_board(found_boards)
if not chosen_id:
    new_board(may_go_back=bool(found_boards))
else:
    found_shots = studio().storyboards.shots(chosen_id)
    moving = is_moving(found_shots)
    page_state = state_of(StoryboardState)
    page_state.was_moving = moving
    page_state.seen = [each.plan.id for each in found_shots if each.is_here]
    if found_shots:
        page_state.drawn = below(found_shots)
        inbox.opened(*(each.clip for each in found_shots if each.clip))
        st.fragment(strip, run_every=REFRESH_SECONDS if moving else None)(chosen_id)
    is_whole = bool(found_shots) and all(each.is_here for each in found_shots)
    if is_whole:
        whole_video(chosen_id, found_boards[chosen_id], found_shots)
    with st.container():
        undo_line(chosen_id)
    if found_shots:
        open_id = opened(found_shots)
        open_clip = next(each.clip for each in found_shots if each.plan.id == open_id)
        # Its time runs while it is made; fields that are written in belong to no part of a page.
        if open_clip and open_clip.is_open:
            watched(partial(open_shot, chosen_id), [open_clip])()
        else:
            open_shot(chosen_id)
    more_shots(chosen_id)
    if found_shots and not is_whole:
        whole_video(chosen_id, found_boards[chosen_id], found_shots)
live_prompt()
gallery_keys({})
