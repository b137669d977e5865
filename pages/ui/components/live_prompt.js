const PAUSE_MILLISECONDS = 300;
const apply = (area) => {
  const key = { key: "Enter", code: "Enter", ctrlKey: true, metaKey: true, bubbles: true, cancelable: true };
  area.dispatchEvent(new KeyboardEvent("keydown", key));
};
export default function () {
  if (window.studioLivePrompt) return;
  window.studioLivePrompt = true;
  let timer = 0;
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement) || event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(apply, PAUSE_MILLISECONDS, area);
  });
  document.querySelectorAll("textarea").forEach((area) => area.value && apply(area));
}
