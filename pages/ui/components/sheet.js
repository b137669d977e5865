// On a phone what opens from a button is a sheet with a handle: a tap on it closes the sheet, and so does drawing it down.
const SHEET = '[data-testid="stPopoverBody"]';
const HANDLE_PIXELS = 44;
const DRAWN_PIXELS = 40;
const isHandle = (target, y) => target.matches?.(SHEET) && getComputedStyle(target, "::before").content !== "none"
  && y - target.getBoundingClientRect().top <= HANDLE_PIXELS;
const closeSheet = () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", code: "Escape", keyCode: 27, bubbles: true }));
const closeSheets = (signal) => {
  let from = null;
  document.addEventListener("click", ({ target, clientY }) => isHandle(target, clientY) && closeSheet(), { signal });
  document.addEventListener("touchstart", ({ target, touches: [touch] }) => {
    from = isHandle(target, touch.clientY) ? touch.clientY : null;
  }, { signal, passive: true });
  document.addEventListener("touchend", ({ changedTouches: [touch] }) => {
    if (from !== null && touch.clientY - from > DRAWN_PIXELS) closeSheet();
    from = null;
  }, { signal, passive: true });
};
