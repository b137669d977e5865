"""Two to four films that play as one: one play button, one scrub bar, one frame step, one sound switch.

Streamlit's players know nothing of each other, so this is a component of our own: no build step, nothing from elsewhere.
"""

from __future__ import annotations

import streamlit as st

from studio.store.clip import Clip
from ui.clip_view import short_prompt
from ui.i18n import _
from ui.runtime import clip_url

_HTML = """
<div class="films"></div>
<div class="bar">
  <button class="play" type="button"></button>
  <button class="back" type="button"></button>
  <button class="step" type="button"></button>
  <input class="scrub" type="range" min="0" max="1000" value="0">
  <button class="sound" type="button" aria-pressed="false"></button>
</div>
"""

_CSS = """
.films { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); }
video { width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: #0d0c0b; border-radius: 12px; display: block; }
.bar { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin-top: .75rem; }
.scrub { flex: 1 1 8rem; accent-color: var(--st-primary-color); }
button { font: inherit; color: var(--st-text-color); background: var(--st-secondary-background-color); cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: 10px; padding: .4rem .8rem; min-height: 2.5rem; }
"""

_JS = """
const FRAME_SECONDS = 1 / 24;
const DRIFT_SECONDS = 0.08;
export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const films = find(".films"), play = find(".play"), scrub = find(".scrub"), sound = find(".sound");
  const wanted = data.films.map((film) => film.url).join();
  if (films.dataset.showing !== wanted) {
    films.dataset.showing = wanted;
    films.replaceChildren(...data.films.map((film) => {
      const video = document.createElement("video");
      Object.assign(video, { src: film.url, poster: film.poster, muted: true, playsInline: true, preload: "auto" });
      video.setAttribute("aria-label", film.name);
      return video;
    }));
  }
  const videos = [...films.children], lead = videos[0];
  const words = () => { play.textContent = lead.paused ? data.words.play : data.words.pause; };
  const seek = (seconds) => videos.forEach((video) => { video.currentTime = Math.min(Math.max(seconds, 0), video.duration || 0); });
  find(".back").textContent = data.words.back;
  find(".step").textContent = data.words.step;
  sound.textContent = data.words.sound;
  scrub.setAttribute("aria-label", data.words.scrub);
  play.onclick = () => { const start = lead.paused; videos.forEach((video) => start ? video.play() : video.pause()); };
  find(".back").onclick = () => { videos.forEach((video) => video.pause()); seek(lead.currentTime - FRAME_SECONDS); };
  find(".step").onclick = () => { videos.forEach((video) => video.pause()); seek(lead.currentTime + FRAME_SECONDS); };
  scrub.oninput = () => seek(scrub.value / 1000 * (lead.duration || 0));
  sound.onclick = () => {
    const loud = lead.muted;
    videos.forEach((video) => { video.muted = true; });
    lead.muted = !loud;
    sound.setAttribute("aria-pressed", String(loud));
  };
  lead.onplay = lead.onpause = words;
  lead.onended = () => { seek(0); words(); };
  lead.ontimeupdate = () => {
    scrub.value = lead.duration ? lead.currentTime / lead.duration * 1000 : 0;
    videos.slice(1).forEach((video) => {
      if (!lead.paused && Math.abs(video.currentTime - lead.currentTime) > DRIFT_SECONDS) video.currentTime = lead.currentTime;
    });
  };
  words();
}
"""

_component = st.components.v2.component("studio_synced_player", html=_HTML, css=_CSS, js=_JS)


def synced_player(clips: list[Clip]) -> None:
    """Draw the films of ``clips`` side by side, led by the first."""
    films = [{"url": clip_url(c), "poster": clip_url(c, "webp"), "name": short_prompt(c)} for c in clips]
    words = {
        "play": _("Play"),
        "pause": _("Pause"),
        "back": _("Frame back"),
        "step": _("Frame on"),
        "sound": _("Sound"),
        "scrub": _("Position in all films"),
    }
    _component(key="synced_player", data={"films": films, "words": words})
