"""A picture that is pasted or dropped anywhere on the page goes where a chosen file goes: into the page's uploader.

The uploader's own input gets the file, so its limits, its preview and its remove button stay the only ones. Pasted
text stays text.
"""

from __future__ import annotations

import streamlit as st

from ui.components.hidden import HIDDEN_CSS

_HTML = """
<div class="studio-quiet studio-drop" popover="manual" aria-hidden="true"><span></span></div>
"""

_CSS = (
    HIDDEN_CSS
    + """
.studio-drop { position: fixed; inset: 8px; width: auto; height: auto; margin: 0; padding: 0; overflow: hidden;
  box-sizing: border-box; pointer-events: none; border: 2px dashed var(--st-primary-color); border-radius: 12px;
  background: color-mix(in srgb, var(--st-primary-color) 6%, transparent); }
.studio-drop span { position: absolute; inset: auto 0 24px; margin: 0 auto; width: fit-content; padding: .6rem 1rem;
  max-width: calc(100% - 32px); box-sizing: border-box; border-radius: 10px; color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color); font-family: var(--st-font); }
"""
)

_JS = """
const UPLOADER = '[data-testid="stFileUploader"]';
const TYPES = /^(image[/]|video[/]mp4$)/;
const NAMES = /[.](avif|heic|heif|mp4)$/i;
const LEAVING_MILLISECONDS = 150;
let listening = null;

const wanted = (file) => TYPES.test(file.type) || NAMES.test(file.name);
const uploaderInput = () => document.querySelector(`${UPLOADER} input[type="file"]:not(:disabled)`);
const give = (files) => {
  const input = uploaderInput();
  const transfer = new DataTransfer();
  files.slice(0, input.multiple ? files.length : 1).forEach((file) => transfer.items.add(file));
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};
const isWriting = (event) => event.composedPath()[0].closest?.("input, textarea, [contenteditable]");

const paste = (event) => {
  const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
  const text = event.clipboardData.types.includes("text/plain");
  if (!files.length || !uploaderInput() || (text && isWriting(event))) return;
  event.preventDefault();
  give(files);
};
const carriesFiles = (event) => Boolean(uploaderInput()) && [...event.dataTransfer.items].some(
  (item) => item.kind === "file" && (item.type === "" || TYPES.test(item.type)));

export default function ({ data, parentElement }) {
  listening?.abort();
  const mine = new AbortController();
  listening = mine;
  const outline = parentElement.querySelector(".studio-drop");
  outline.querySelector("span").textContent = data.label;
  let leaving = 0;
  const hide = () => outline.isConnected && outline.matches(":popover-open") && outline.hidePopover();
  const show = () => outline.isConnected && !outline.matches(":popover-open") && outline.showPopover();
  const listen = (name, handle) => document.addEventListener(name, handle, { signal: mine.signal });

  listen("paste", paste);
  listen("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    clearTimeout(leaving);
    show();
  });
  listen("dragleave", (event) => {
    if (event.relatedTarget) return;
    clearTimeout(leaving);
    leaving = setTimeout(hide, LEAVING_MILLISECONDS);
  });
  listen("drop", (event) => {
    hide();
    const files = [...event.dataTransfer.files].filter(wanted);
    if (!files.length || !uploaderInput() || event.target.closest?.(UPLOADER)) return;
    event.preventDefault();
    give(files);
  });
  return () => {
    clearTimeout(leaving);
    hide();
    mine.abort();
  };
}
"""

_component = st.components.v2.component("studio_paste_image", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def paste_image(label: str) -> None:
    """Let pictures (and MP4 films) be pasted or dropped anywhere; ``label`` stands on the outline while one is dragged.

    Call it once on a page that has a file uploader. With several uploaders the first that is not disabled gets it.
    """
    _component(key="paste_image", data={"label": label}, height=1)
