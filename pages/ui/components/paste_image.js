const UPLOADER = '[data-testid="stFileUploader"]';
const TYPES = /^(image[/]|video[/]mp4$)/;
const NAMES = /[.](avif|heic|heif|mp4)$/i;
const LEAVING_MILLISECONDS = 150;
const TAKING_MILLISECONDS = 800;
const MOST_TRIES = 3;
let listening = null;

const wanted = (file) => TYPES.test(file.type) || NAMES.test(file.name);
const uploaderInput = () => document.querySelector(`${UPLOADER} input[type="file"]:not(:disabled)`);
const hasTaken = () => document.querySelector(`${UPLOADER} [data-testid^="stFileChip"]`);
// The uploader shows a file at once. One that it was given while the page was drawn anew can be lost: it gets it again.
const give = (files, tries = MOST_TRIES) => {
  const input = uploaderInput();
  if (!input) return;
  const transfer = new DataTransfer();
  files.slice(0, input.multiple ? files.length : 1).forEach((file) => transfer.items.add(file));
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  const until = Date.now() + TAKING_MILLISECONDS;
  const look = () => {
    if (hasTaken()) return;
    if (Date.now() < until) setTimeout(look, 20);
    else if (tries > 1) give(files, tries - 1);
  };
  look();
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

export default function ({ data: [data], parentElement }) {
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
