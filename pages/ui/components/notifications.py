"""What the tab says about running clips when nobody looks at the page: by voice, by its icon, by sound, by a notice.

All of it happens in the browser. Python only hands over how many run and what ended last; each tab remembers what it
has told. Sound and notices are the person's choice, asked for once and kept in the browser's own storage.
"""

from __future__ import annotations

import time

import streamlit as st

from ui.components.hidden import HIDDEN_CSS
from ui.i18n import _, ngettext

ICON = "app/static/icon.png"

_SHARED_CSS = """
.studio-tell { color: var(--st-text-color); font-family: var(--st-font); font-size: 1rem; line-height: 1.5;
  box-sizing: border-box; }
.studio-tell[hidden], .studio-tell [hidden] { display: none; }
.studio-tell button { font: inherit; color: var(--st-text-color); background: var(--st-background-color);
  cursor: pointer; border: 1px solid var(--st-border-color); border-radius: 10px; padding: .4rem .9rem;
  min-height: 2.5rem; font-size: .875rem; }
.studio-tell button:disabled { opacity: .5; cursor: default; border-color: var(--st-border-color); }
.studio-tell button:hover { border-color: var(--st-primary-color); }
.studio-tell :is(button, input):focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
.studio-tell p { margin: 0; }
"""

_CSS = (
    HIDDEN_CSS
    + _SHARED_CSS
    + """
.studio-ask { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; justify-content: space-between;
  padding: .75rem 1rem; border: 1px solid var(--st-border-color); border-radius: 12px;
  background: var(--st-secondary-background-color); box-shadow: 0 6px 24px rgb(13 12 11 / .18);
  position: fixed; right: 16px; bottom: 16px; z-index: 1000; max-width: min(34rem, calc(100vw - 32px)); }
.studio-ask .answers { display: flex; flex-wrap: wrap; gap: .5rem; }
.studio-ask button.plain { border-color: transparent; background: none; }
@media (max-width: 480px) {
  .studio-ask { inset: auto 12px 16px; }
  body:has(.st-key-generate_bar) .studio-ask { bottom: 180px; }
  .studio-ask .answers { display: grid; grid-template-columns: 1fr 1fr; width: 100%; }
}
.studio-voice { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
"""
)

_HTML = """
<div class="studio-voice" role="status" aria-live="polite"></div>
<div class="studio-quiet studio-tell studio-ask" role="group" hidden>
  <p></p>
  <div class="answers"></div>
</div>
"""

_TELL_JS = """
const STORE = "studio.tell";
const GOOD = "succeeded";
const CHIME_HERTZ = [659, 880];
const LOW_HERTZ = [330, 262];
let audio = null;

const choice = () => localStorage.getItem(STORE);
const choose = (sound, notice) => {
  localStorage.setItem(STORE, sound && notice ? "both" : sound ? "sound" : notice ? "notification" : "none");
};
const wantsSound = () => ["sound", "both"].includes(choice());
const wantsNotice = () => ["notification", "both"].includes(choice());
const mayNotify = async () => "Notification" in window && await Notification.requestPermission() === "granted";

const note = (hertz, start) => {
  const tone = new OscillatorNode(audio, { type: "sine", frequency: hertz });
  const loudness = new GainNode(audio, { gain: 0 });
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(0.12, start + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0005, start + 0.6);
  tone.connect(loudness).connect(audio.destination);
  tone.start(start);
  tone.stop(start + 0.62);
};
const chime = async (good) => {
  audio ??= new AudioContext();
  await audio.resume();
  (good ? CHIME_HERTZ : LOW_HERTZ).forEach((hertz, place) => note(hertz, audio.currentTime + place * 0.16));
};
const notify = (clip, title) => {
  try {
    const notice = new Notification(title, { body: clip.text, tag: clip.id });
    notice.onclick = () => {
      window.focus();
      notice.close();
      if (clip.url) location.assign(clip.url);
    };
  } catch {
    // Phones have the name but only let a service worker use it.
  }
};
"""

_JS = (
    _TELL_JS
    + """
const SIDE = 64;
const SPEECH_MILLISECONDS = 100;
const DOTS = {
  running: ["#6b50e4", ""], good: ["#1b7f4b", "M38 49l5 5 9-10"], bad: ["#c0362c", "M40 43l10 10m0-10l-10 10"],
};
let told = null;
let openedAt = 0;
let running = 0;
let isDenied = false;
let missed = "";
let wanted = "";
let drawing = 0;

const links = () => [...document.querySelectorAll('link[rel~="icon"]')];
const setIcon = () => {
  if (wanted) links().filter((link) => link.href !== wanted).forEach((link) => { link.href = wanted; });
};
const dotted = async (address, [colour, sign]) => {
  const picture = new Image();
  picture.src = address;
  await picture.decode().catch(() => {});
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const pen = canvas.getContext("2d");
  if (picture.naturalWidth) pen.drawImage(picture, 0, 0, SIDE, SIDE);
  const disc = new Path2D();
  disc.arc(45, 48, 14, 0, 2 * Math.PI);
  Object.assign(pen, { fillStyle: colour, strokeStyle: "#fff", lineWidth: 5, lineCap: "round", lineJoin: "round" });
  pen.stroke(disc);
  pen.fill(disc);
  pen.lineWidth = 4;
  pen.stroke(new Path2D(sign));
  return canvas.toDataURL("image/png");
};
const drawIcon = async (icon) => {
  const turn = ++drawing;
  const base = new URL(icon, document.baseURI).href;
  const dot = missed || (running ? "running" : "");
  if (!dot && !wanted) return;
  const address = dot ? await dotted(base, DOTS[dot]) : base;
  if (turn !== drawing) return;
  wanted = address;
  setIcon();
  if (!dot) wanted = "";
};

const speak = (voice, sentences) => {
  if (!sentences.length) return;
  voice.textContent = "";
  setTimeout(() => { voice.textContent = sentences.join(" "); }, SPEECH_MILLISECONDS);
};
const isFirstTab = (clip) => {
  if (localStorage.getItem("studio.chimed") === clip.id) return false;
  localStorage.setItem("studio.chimed", clip.id);
  return true;
};
const tell = (clips, words) => {
  const good = clips.every((clip) => clip.state === GOOD);
  if (wantsSound() && isFirstTab(clips[0])) chime(good);
  if (!document.hidden) return;
  missed = good && missed !== "bad" ? "good" : "bad";
  if (wantsNotice() && window.Notification?.permission === "granted") {
    clips.forEach((clip) => notify(clip, words.title));
  }
};
const look = (data, voice) => {
  // Deleting clips brings older ones into the list: they are not news.
  const fresh = told ? data.ended.filter((clip) => !told.has(clip.id) && clip.ended_at > openedAt) : [];
  const grew = told && data.running > running;
  openedAt = told ? openedAt : data.now;
  told ??= new Set();
  data.ended.forEach((clip) => told.add(clip.id));
  running = data.running;
  if (fresh.length) tell(fresh, data.words);
  speak(voice, [...fresh.map((clip) => clip.text), ...(grew ? [data.words.running] : [])]);
};

const button = (label, answer, name = "") => {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: label, onclick: answer });
  made.className = name;
  return made;
};
const answers = (words, redraw) => {
  if (isDenied) return [button(words.close, () => { isDenied = false; redraw(); })];
  const answered = (sound, notice) => async () => {
    if (sound) audio ??= new AudioContext();
    isDenied = notice && !await mayNotify();
    choose(sound, notice && !isDenied);
    redraw();
  };
  return [
    button(words.sound, answered(true, false)), button(words.notification, answered(false, true)),
    button(words.both, answered(true, true)), button(words.no, answered(false, false), "plain"),
  ];
};
const drawCard = (card, words) => {
  const asks = isDenied || (running > 0 && choice() === null);
  const wording = asks ? `${isDenied} ${JSON.stringify(words)}` : "";
  card.hidden = !asks;
  if (card.dataset.wording === wording) return;
  card.dataset.wording = wording;
  const text = isDenied ? words.denied : words.ask;
  card.querySelector("p").textContent = asks ? text : "";
  card.setAttribute("aria-label", words.ask);
  card.querySelector(".answers").replaceChildren(...asks ? answers(words, () => drawCard(card, words)) : []);
};

let listening = null;
export default function ({ data, parentElement }) {
  listening?.abort();
  const mine = new AbortController();
  listening = mine;
  look(data, parentElement.querySelector(".studio-voice"));
  drawCard(parentElement.querySelector(".studio-ask"), data.words);
  drawIcon(data.icon);
  const seen = () => {
    if (document.hidden) return;
    missed = "";
    drawIcon(data.icon);
  };
  document.addEventListener("visibilitychange", seen, { signal: mine.signal });
  const observer = new MutationObserver(setIcon);
  observer.observe(document.head, { childList: true, subtree: true, attributeFilter: ["href"] });
  mine.signal.addEventListener("abort", () => observer.disconnect());
  return () => mine.abort();
}
"""
)

_SETTINGS_CSS = (
    _SHARED_CSS
    + """
.studio-choices { display: flex; flex-direction: column; align-items: flex-start; gap: .25rem; }
.studio-choices label { display: flex; gap: .6rem; align-items: center; min-height: 2.5rem; cursor: pointer; }
.studio-choices input { width: 1.15rem; height: 1.15rem; margin: 0; accent-color: var(--st-primary-color); }
.studio-choices button { margin-top: .5rem; }
"""
)

_SETTINGS_HTML = """
<div class="studio-tell studio-choices">
  <label><input type="checkbox" class="sound"><span></span></label>
  <label><input type="checkbox" class="notice"><span></span></label>
  <p role="status"></p>
  <button type="button"></button>
</div>
"""

_SETTINGS_JS = (
    _TELL_JS
    + """
export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const sound = find(".sound"), notice = find(".notice"), problem = find("p"), trial = find("button");
  const { words } = data;
  sound.nextElementSibling.textContent = words.sound;
  notice.nextElementSibling.textContent = words.notification;
  trial.textContent = words.try;
  const draw = () => {
    sound.checked = wantsSound();
    notice.checked = wantsNotice() && window.Notification?.permission === "granted";
    problem.hidden = !problem.textContent;
    trial.disabled = !sound.checked && !notice.checked;
  };
  sound.onchange = notice.onchange = async (event) => {
    const isDenied = event.target === notice && notice.checked && !await mayNotify();
    problem.textContent = isDenied ? words.denied : "";
    choose(sound.checked, notice.checked && !isDenied);
    draw();
  };
  trial.onclick = () => {
    if (sound.checked) chime(true);
    if (notice.checked) notify({ id: "trial", text: words.trial }, words.title);
  };
  draw();
}
"""
)

_component = st.components.v2.component("studio_companion", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)
_settings = st.components.v2.component(
    "studio_companion_settings", html=_SETTINGS_HTML, css=_SETTINGS_CSS, js=_SETTINGS_JS
)


def notifications(
    *, running: int, ended: list[dict[str, str | float]], words: dict[str, str] | None = None, icon: str = ICON
) -> None:
    """Tell this tab's person what runs and what ended; call it in a fragment that looks every few seconds.

    ``ended`` are the newest ended clips, newest first: ``id``, ``state`` (succeeded, failed, refused or unknown),
    ``text``, ``url`` and ``ended_at`` (seconds since 1970). ``words`` replace our own; ``icon`` is the address of the
    page's icon. It takes no space unless it asks.
    """
    said = ngettext("{count} running", "{count} running", running)
    spoken = {**_words(), "running": said, **(words or {})}
    data = {"running": running, "ended": ended, "icon": icon, "now": time.time(), "words": spoken}
    _component(key="studio_companion", data=data)


def notification_settings(words: dict[str, str] | None = None) -> None:
    """Draw the same choice as two checkboxes, with a button to try it. ``words`` replace our own."""
    _settings(key="studio_companion_settings", data={"words": {**_words(), **(words or {})}})


def _words() -> dict[str, str]:
    return {
        "title": "Seedance Studio",
        "ask": _("Tell you when it is done?"),
        "sound": _("Sound"),
        "notification": _("Notification"),
        "both": _("Both"),
        "no": _("No thanks"),
        "close": _("All right"),
        "denied": _("The browser does not allow notifications here. Allow them beside the address, then try again."),
        "try": _("Try it"),
        "trial": _("This is how a finished clip is told."),
    }
