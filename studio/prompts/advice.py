"""What in a draft is likely to waste credits: words and settings that contradict, found offline, free.

Advice, never a wall: a draft with advice can be sent. Each rule is data: the words that wake it, in English and
Bengali, the settings it disagrees with, and the change that ends the disagreement.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rivya.spec import DEFAULT_MODEL, aspect_fraction
from studio.i18n import N_

Params = Mapping[str, str | int]
MOST_ACTIONS_IN_FIVE_SECONDS = 3
FEWEST_WORDS = 3
SHAPES_DIFFER = 1.3
"""Two shapes whose ratios differ by more than this lose a good part of the picture: 4:3 in 16:9 a quarter of it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice: ``message`` (a gettext key) and ``fix``, the one change that settles it.

    A fix sets a parameter, or ``prompt`` to another text; it may be empty only where nobody can know a better one.
    """

    code: str
    message: str
    fix: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Rule:
    code: str
    words: re.Pattern[str]
    message: str
    fix: Callable[[Params], dict[str, str] | None]
    about: str = ""


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


def _ratio(params: Params) -> float:
    return float(aspect_fraction(str(params["aspect_ratio"])))


def _set(key: str, value: str, *, unless: Callable[[Params], bool]) -> Callable[[Params], dict[str, str] | None]:
    """Return a fix that sets ``key``, and nothing to say when the draft agrees already."""
    return lambda params: None if unless(params) else {key: value}


_RULES = (
    _Rule(
        "moving_camera",
        _words(
            r"\bdoll(y|ies)\b", r"\bpush(es)?[- ]?in\b", r"\bpull(s)?[- ]?(back|out)\b", r"\bpan(s|ning)?\b",
            r"\btilt(s|ing)?\b", r"\bzoom(s|ing)?\b", r"\borbit(s|ing)?\b", r"\btracking shot\b", r"\bfly[- ]?over\b",
            r"\bcamera (moves|follows|circles|rises|glides)\b", "জুম", "ক্যামেরা (এগো|ঘো|সরে|অনুসরণ)",
        ),
        N_("The prompt moves the camera, but Fixed camera is on."),
        _set("camera_fixed", "false", unless=lambda p: p["camera_fixed"] == "false"),
        about="camera_fixed",
    ),
    _Rule(
        "still_camera",
        _words(r"\bstatic (shot|camera)\b", r"\btripod\b", r"\blocked[- ]off\b", r"\bfixed camera\b", "স্থির ক্যামেরা"),
        N_("The prompt wants a still camera, but Fixed camera is off."),
        _set("camera_fixed", "true", unless=lambda p: p["camera_fixed"] == "true"),
        about="camera_fixed",
    ),
    _Rule(
        "upright",
        _words(
            r"\bvertical (video|format|clip)\b", r"\bportrait (format|orientation|mode)\b", r"\btiktok\b", r"\breels?\b",
            r"\bvertical\s*($|[,.;:])", r"^vertical\b", r"\b9:16\b", "উল্লম্ব",
        ),
        N_("Your prompt says vertical, but the clip is not."),
        _set("aspect_ratio", "9:16", unless=lambda p: _ratio(p) < 1),
        about="aspect_ratio",
    ),
    _Rule(
        "wide",
        _words(r"\bwide ?screen\b", r"\bcinemascope\b", r"\banamorphic\b", r"\blandscape (format|orientation|mode)\b", "ওয়াইডস্ক্রিন"),
        N_("Your prompt says wide, but the clip is not."),
        _set("aspect_ratio", "16:9", unless=lambda p: _ratio(p) > 1.5),
        about="aspect_ratio",
    ),
    _Rule(
        "square",
        _words(r"\bsquare (video|format|clip)\b", "বর্গাকার"),
        N_("Your prompt says square, but the clip is not."),
        _set("aspect_ratio", "1:1", unless=lambda p: _ratio(p) == 1),
        about="aspect_ratio",
    ),
    _Rule(
        "longer",
        _words(r"\b(10|ten)[- ]?(s|sec|seconds?)\b", "(১০|দশ) সেকেন্ড"),
        N_("Your prompt says ten seconds, the clip is 5 s. Same price."),
        _set("duration", "10", unless=lambda p: p["duration"] == "10"),
        about="duration",
    ),
    _Rule(
        "sharper",
        _words(r"\b(4|8) ?k\b", r"\bfull ?hd\b", r"\b1080p\b", r"\bultra[- ]?hd\b", "ফুল এইচডি"),
        N_("1080p is the sharpest and costs the same."),
        _set("resolution", "1080p", unless=lambda p: p["resolution"] == "1080p"),
        about="resolution",
    ),
)  # fmt: skip
_WRITTEN = _words(
    r"(?<!\s)\s*(?:,\s*)?\b(with )?(the |a |an )?(words?|text|caption|title|subtitles?|logo)\b.{0,20}?\b(says?|saying|reads?|reading)\b[^,.;]*",
    r"(?<!\s)\s*\b(that |which )?(says?|saying|reads?|reading)\s+[\"“”'«]?[A-Z0-9][^,.;]*(?<=\w)[\"“”'»]?",
    r"(?<!\s)\s*(?:,\s*)?\b(with )?subtitles\b", r",?(?<![^,.;।])[^,.;।]*লেখা (আছে|থাকবে|ভেসে)[^,.;।]*",
)  # fmt: skip
_WRITING = _words(
    r"\b(text|caption|title|words?|subtitles?|logo|sign)\b.{0,20}\b(says?|saying|reads?|reading)\b", r"\bsubtitles\b",
    "লেখা (আছে|থাকবে|ভেসে)",
)  # fmt: skip
_CAMERA_WORDS = _RULES[0].words
_BENGALI = re.compile("[\u0980-\u09ff]")
_SCENE = ("{prompt}, in soft morning light, slow camera push-in", "{prompt}, ভোরের নরম আলোয় বাতাসে আলতো দুলছে")
_CAMERA_MOVES = ("{prompt}, slow camera push-in", "{prompt}, ক্যামেরা ধীরে এগিয়ে যাচ্ছে")
_THINGS_MOVE = ("{prompt}, moving gently in the wind", "{prompt}, বাতাসে আলতো দুলছে")
_SEQUENCE = _words(
    r"\bthen\b", r"\bafter that\b", r"\bnext\b", r"\bsuddenly\b", r"\bfinally\b", "তারপর", "এরপর", "শেষে", "হঠাৎ"
)
_MOTION = _words(
    r"\b\w{3,}ing\b",
    r"\b(move|walk|run|drift|fall|flow|turn|rise|dance|jump|smile|wave|float|swim|spin|open|close|roll|glow|pour|loop|lift)s?\b",
    r"\b(fly|flies|fell|flew|ran|rose|swam|sail(s|ed)?|climbs?|circles?|glides?|soars?|leaps?|blows?|burns?|melts?|sways?)\b",
    r"\b[a-z]{3,}[^su\W]s\b",  # a verb, or many of something: who cannot tell says nothing
    r"\b(fight|fought|wrestle|chase|hug|kiss|shake|shook|throw|threw|catch|ride|rode|drive|drove|eat|ate|drink|play|push|pull|kick)\b",
    r"\b(laugh|cry|clap|wink|nod|bow|race|crash|explode|burst|grow|grew|shrink|slide|slip|wake|woke|look|talk|sing|meet|hunt|attack)\b",
    r"\b(slow|fast|camera|motion|time ?lapse|winds?|windy|breeze|storm|crowd|traffic|parade)\b",
    r"(ছে|চ্ছে|ছেন|ড়ে|ঘোরে|হাঁটে|দৌড়ায়|ভাসে|নড়ে|ওঠে|নামে|[\u0980-\u09ff]য়)(\s|$|।|,)",
)  # fmt: skip


def advise(prompt: str, params: Params, *, image_ratio: float | None = None) -> list[Advice]:
    """Return advice on a draft, the most costly misunderstanding first; empty when there is nothing to say.

    ``image_ratio`` is the reference image's width over its height. No two pieces speak of the same setting, and where
    the prompt contradicts itself about one, nothing is said: taking each fix in turn always ends.
    """
    if len(prompt) > DEFAULT_MODEL.max_prompt_characters:
        return []  # it cannot be sent, which the form says; and no advice is worth reading a book for
    woken, voices = _woken(prompt)
    # Who asks for a shape in words means it, whatever shape the picture has.
    image = None if voices["aspect_ratio"] == 1 else _shape_of_image(params, image_ratio)
    found = [image, *_from_rules(woken, voices, params), _written_words(prompt)]
    found += [_actions(prompt, params), _too_short(prompt, image_ratio), _no_motion(prompt, params)]
    settled: set[str] = set()
    advice = []
    for each in found:
        if each and not settled & set(each.fix):
            settled |= set(each.fix)
            advice.append(each)
    return advice


def asked_in_words(prompt: str, params: Params) -> dict[str, str]:
    """Return the settings that the words of a prompt ask for and ``params`` do not give; empty when they agree."""
    return {key: value for advice in _from_rules(*_woken(prompt), params) for key, value in advice.fix.items()}


def _woken(prompt: str) -> tuple[list[_Rule], Counter[str]]:
    """Return the rules that a prompt wakes, and how many speak of each setting."""
    woken = [rule for rule in _RULES if rule.words.search(prompt)]
    return woken, Counter(rule.about for rule in woken)


def _from_rules(woken: Sequence[_Rule], voices: Mapping[str, int], params: Params) -> list[Advice]:
    fixes = [(rule, rule.fix(params)) for rule in woken if voices[rule.about] == 1]
    return [Advice(rule.code, rule.message, fix) for rule, fix in fixes if fix]


def nearest_ratio(image_ratio: float) -> str:
    """Return the aspect ratio of the model that loses least of a picture of this shape."""
    options = DEFAULT_MODEL.param("aspect_ratio").options
    return min(options, key=lambda option: _apart(image_ratio, float(aspect_fraction(option))))


def is_far_apart(one: float, other: float) -> bool:
    """Whether a picture of one ratio loses a good part of itself in a clip of the other."""
    return _apart(one, other) >= SHAPES_DIFFER


def _apart(one: float, other: float) -> float:
    return max(one / other, other / one)


def _shape_of_image(params: Params, image_ratio: float | None) -> Advice | None:
    if image_ratio is None or not is_far_apart(image_ratio, _ratio(params)):
        return None
    nearest = nearest_ratio(image_ratio)
    if nearest == params["aspect_ratio"]:
        return None
    return Advice(
        "image_shape",
        N_("Your picture has another shape; the clip would crop much of it."),
        {"aspect_ratio": nearest},
    )


def _actions(prompt: str, params: Params) -> Advice | None:
    if params["duration"] == "10" or len(_SEQUENCE.findall(prompt)) < MOST_ACTIONS_IN_FIVE_SECONDS:
        return None
    message = N_("That is a lot for 5 s. 10 s cost the same.")
    return Advice("many_actions", message, {"duration": "10"})


def _written_words(prompt: str) -> Advice | None:
    if not _WRITING.search(prompt):
        return None
    without = _WRITTEN.sub("", prompt).strip(" ,;")
    settles = without and without != prompt and not _WRITING.search(without)
    message = N_("Written words seldom come out legible. Add them afterwards.")
    return Advice("written_words", message, {"prompt": without} if settles else {})


def _too_short(prompt: str, image_ratio: float | None) -> Advice | None:
    if image_ratio is not None or not prompt.strip() or len(prompt.split()) >= FEWEST_WORDS:
        return None
    return Advice(
        "too_short",
        N_("Say what happens and where: a few more words help."),
        {"prompt": _added(prompt, _SCENE)},
    )


def _no_motion(prompt: str, params: Params) -> Advice | None:
    if len(prompt.split()) < FEWEST_WORDS or _MOTION.search(prompt) or _CAMERA_WORDS.search(prompt):
        return None
    more = _THINGS_MOVE if params["camera_fixed"] == "true" else _CAMERA_MOVES
    message = N_("Say what moves, or how the camera does: the clip follows it.")
    return Advice("no_motion", message, {"prompt": _added(prompt, more)})


def _added(prompt: str, more: tuple[str, str]) -> str:
    """Return ``prompt`` with a few words more, in its own script."""
    english, bengali = more
    return (bengali if _BENGALI.search(prompt) else english).format(prompt=prompt.strip().rstrip(".,;।"))
