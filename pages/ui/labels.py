"""The names of settings and states, as people read them."""

from __future__ import annotations

from typing import Literal

from rivya.spec import DEFAULT_MODEL
from studio.i18n import N_
from studio.store.clip import Clip, State
from ui.i18n import _, ngettext, number

PARAM_LABELS = {
    "resolution": N_("Resolution"),
    "duration": N_("Duration"),
    "aspect_ratio": N_("Aspect ratio"),
    "camera_fixed": N_("Fixed camera"),
    "seed": N_("Seed"),
    "enable_safety_checker": N_("Safety checker"),
    "prompt": N_("Prompt"),
    "model": N_("Model"),
    "referenceMediaItems": N_("Reference image"),
}
PARAM_HELP = {
    "resolution": N_("How sharp the clip is. The price is the same."),
    "duration": N_("How long the clip is. The price is the same for both."),
    "aspect_ratio": N_("The shape of the picture: wide for screens, upright for phones."),
    "camera_fixed": N_(
        "On: the camera stays as if on a tripod and its motion is restrained. Off: the camera may move more visibly."
    ),
    "seed": N_(
        "Leave it empty for a new random result each time. The same number makes an earlier result easier to "
        "reproduce or refine while the prompt and the other settings stay the same. It is no guarantee of an exact "
        "match."
    ),
    "enable_safety_checker": N_("Switches Rivya's safety checker on or off."),
}
STATE_LABELS = {
    State.SENDING: N_("Sending"),
    State.QUEUED: N_("Queued"),
    State.PROCESSING: N_("Processing"),
    State.SUCCEEDED: N_("Succeeded"),
    State.FAILED: N_("Failed"),
    State.REFUSED: N_("Refused"),
    State.UNKNOWN: N_("Unknown"),
}
Look = tuple[Literal["gray", "violet", "green", "red", "orange"], str]
"""A badge's colour and icon."""

STATE_LOOKS: dict[State, Look] = {
    State.SENDING: ("gray", ":material/send:"),
    State.QUEUED: ("gray", ":material/hourglass_top:"),
    State.PROCESSING: ("violet", ":material/movie:"),
    State.SUCCEEDED: ("green", ":material/check_circle:"),
    State.FAILED: ("red", ":material/error:"),
    State.REFUSED: ("orange", ":material/block:"),
    State.UNKNOWN: ("orange", ":material/help:"),
}
PAUSE_REASONS = {
    "by_hand": N_("The queue is paused. Nothing more is sent until you go on."),
    "budget": N_(
        "Paused: the next clip would pass today's limit of credits. Go on tomorrow, or ask for a higher limit."
    ),
    "image": N_("Paused: the reference image of the next clip is gone. Remove that clip, or plan it again."),
    "refused": N_("Paused: Rivya refused the last clip, so nothing more is sent. Look at it, then go on."),
    "before": N_("Paused: the next shot goes on from the one before, which is in the trash or has no video."),
    "doubt": N_("Paused: it is not known whether the last clip was started. Look at it, then go on."),
}
BUDGETS = {
    ("person", "day"): N_("{left} of your {limit} credits left today"),
    ("person", "month"): N_("{left} of your {limit} credits left this month"),
    ("studio", "day"): N_("{left} of the studio's {limit} credits left today"),
    ("studio", "month"): N_("{left} of the studio's {limit} credits left this month"),
}
ASK_INSTEAD = {
    "day": N_("Your {limit} credits a day would be passed. A lead may approve this one."),
    "month": N_("Your {limit} credits a month would be passed. A lead may approve this one."),
}
PROMPT_TAGS = {
    "fail": N_("the model cannot finish; the credits come back"),
    "unsafe": N_("the safety checker stops it; the credits come back"),
    "slow": N_("it takes much longer than usual"),
    "lost": N_("Rivya's answer is lost twice, and yet it is paid once"),
    "error500": N_("something breaks at Rivya after the work was taken on"),
    "vanish": N_("Rivya does not know the clip for a while"),
    "expired": N_("the result link has died twice"),
    "broken": N_("the delivered file is damaged at first"),
    "ratelimited": N_("Rivya asks for a pause"),
    "disabled": N_("Rivya's API is switched off for a while"),
    "insufficient": N_("there are too few credits"),
    "invalid": N_("Rivya does not accept a setting"),
    "conflict": N_("Rivya saw the request before with other contents"),
    "revoked": N_("the API key was revoked"),
    "scope": N_("the API key lacks a permission"),
}
"""The sandbox's prompt tags, and what each plays."""


def param_label(key: str) -> str:
    """Return the name of a setting."""
    return _(PARAM_LABELS[key]) if key in PARAM_LABELS else key


def param_help(key: str) -> str:
    """Return what a setting does."""
    return _(PARAM_HELP[key]) if key in PARAM_HELP else ""


def option_label(key: str, option: str) -> str:
    """Return one choice of a setting: ``5 s``, ``On``, ``16:9``."""
    if key == "duration" and option.isdecimal():
        return _("{seconds} s", seconds=number(int(option)))
    if key in {"camera_fixed", "enable_safety_checker"}:
        return _("On") if option == "true" else _("Off")
    return option


def setting_text(key: str, value: object) -> str:
    """Return a setting and its value as one short phrase, for chips and tables."""
    if key not in PARAM_LABELS:
        return f"{key}: {value}"
    if key == "seed":
        return _("Random seed") if value == -1 else _("Seed {seed}", seed=str(value))
    if key in {"camera_fixed", "enable_safety_checker"}:
        return f"{param_label(key)}: {option_label(key, str(value))}"
    return option_label(key, str(value))


def state_label(state: State) -> str:
    """Return the status word."""
    return _(STATE_LABELS[state])


def go_on_label(count: int) -> str:
    """Say what going on sends and what that costs: all that is in line, of the queue and of storyboards."""
    if not count:
        return _("Go on")
    credits_needed = number(count * DEFAULT_MODEL.base_credits)
    return ngettext("Go on with {count} · {credits} credits", "Go on with all {count} · {credits} credits", count,
                    credits=credits_needed)  # fmt: skip


def clip_label(clip: Clip) -> str:
    """Return what a clip is doing, in a word or two: its status, or what it waits for."""
    if clip.waits_for_credits:
        return _("Waiting for credits")
    if clip.waits_to_be_sent:
        return _("Waiting to be sent")
    return _("Saving") if clip.is_saving and clip.state is State.PROCESSING else state_label(clip.state)


def clip_look(clip: Clip) -> Look:
    """Return the colour and the icon of ``clip_label``."""
    return ("orange", ":material/hourglass_top:") if clip.waits_to_be_sent else STATE_LOOKS[clip.state]
