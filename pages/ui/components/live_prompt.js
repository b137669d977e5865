const PAUSE_MILLISECONDS = 300;
const PATIENCE_MILLISECONDS = 4000;
const SAME_PRESS_MILLISECONDS = 8000;
const GENERATE = ":is(.st-key-generate_submit, .st-key-generate_ask) button";
const PROMPT = ".st-key-generate_prompt textarea";
// What was typed since the last pause is known to nobody but this page: it outlives a reload of this tab.
const UNSENT = "studio_unsent";
const UNSENT_MILLISECONDS = 60000;
const SENT_MILLISECONDS = 1000;
const unsent = new Map();
const keyOf = (area) => [...(area.closest("[class*=st-key-]")?.classList ?? [])].find((name) => name.startsWith("st-key-"));
const putBack = () => {
  const kept = JSON.parse(sessionStorage.getItem(UNSENT) ?? "null");
  sessionStorage.removeItem(UNSENT);
  if (kept?.path !== location.pathname || Date.now() > kept.at + UNSENT_MILLISECONDS) return;
  // Once the page is drawn, and only while nobody writes there again.
  const until = Date.now() + PATIENCE_MILLISECONDS;
  const look = () => {
    kept.words = kept.words.filter(([key, words]) => {
      const area = document.querySelector(`.${key} textarea`);
      if (!area || !isIdle()) return true;
      if (unsent.has(key)) return false;
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, words);
      area.dispatchEvent(new Event("input", { bubbles: true }));
      return false;
    });
    if (kept.words.length && Date.now() < until) setTimeout(look, 100);
  };
  look();
};
// What was pasted for the queue or a story has no draft of its own: this tab keeps it until something was made of it.
const KEPT = "studio_kept_words";
const MADE_OF = { "st-key-queue_batch": ".st-key-queue_plan button", "st-key-storyboard_text": ".st-key-storyboard_make button" };
const keptWords = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
const keepWords = (key, words) => {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ ...keptWords(), [key]: words }));
  } catch {
    // More than a browser keeps for a tab: it stands in the box, and a reload would lose it.
  }
};
const putBackKept = () => {
  if (!isIdle()) return;
  for (const key of Object.keys(MADE_OF)) {
    const area = restored.has(key) ? null : document.querySelector(`.${key} textarea`);
    if (!area) continue;
    restored.add(key);
    area.dataset.putBack = "";
    const words = keptWords()[key];
    if (!words || area.value) continue;
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, words);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
};
const restored = new Set();
const apply = (area) => {
  const key = { key: "Enter", code: "Enter", ctrlKey: true, metaKey: true, bubbles: true, cancelable: true };
  area.dispatchEvent(new KeyboardEvent("keydown", key));
};
const isIdle = () => document.querySelector("[data-test-script-state=notRunning]");
let pressed = { words: null, at: 0 };
// Ctrl+Enter applies what was typed; the button is pressed once the page has drawn it. Whoever types on meant to write.
// The same words again at once are one press of a nervous finger: on a slow computer the server could not tell.
const pressWhenDrawn = (area) => {
  const words = area.value;
  if (words === pressed.words && Date.now() < pressed.at + SAME_PRESS_MILLISECONDS) return;
  pressed = { words, at: Date.now() };
  const until = Date.now() + PATIENCE_MILLISECONDS;
  const look = () => {
    if (area.value !== words || !area.isConnected || Date.now() > until) return;
    const button = document.querySelector(GENERATE);
    if (isIdle() && button && !button.disabled) {
      pressed.at = Date.now();
      button.click();
    } else setTimeout(look, 50);
  };
  setTimeout(look, PAUSE_MILLISECONDS);
};
const isSeen = (one) => one.getBoundingClientRect().top >= 0 && one.getBoundingClientRect().top < innerHeight / 2;
// Whoever pays sees what is paid for: on a phone the clips are below the form, on a desktop a long form leads away.
const goToStage = () => {
  const until = Date.now() + PATIENCE_MILLISECONDS;
  const look = () => {
    const skeleton = document.querySelector("[class*=st-key-generate_results] .studio-skeleton");
    if (skeleton && !isSeen(skeleton)) document.querySelector("#studio-stage")?.scrollIntoView({ behavior: "smooth" });
    else if (!skeleton && Date.now() < until) setTimeout(look, 100);
  };
  look();
};
// What is opened at the end of the form would open behind the button that stays in sight.
const FOOT = ".st-key-generate_foot";
const showOpened = (details) => setTimeout(() => {
  if (!details.open) return;
  const foot = document.querySelector(FOOT)?.getBoundingClientRect();
  const hidden = foot && details.getBoundingClientRect().bottom - foot.top;
  if (hidden > 0) document.querySelector('[data-testid="stMain"]')?.scrollBy({ top: hidden + 8, behavior: "smooth" });
}, PAUSE_MILLISECONDS);
// What was added to the queue, and the button that starts it, stand above the box that it was written in.
const goToQueue = () => {
  const until = Date.now() + PATIENCE_MILLISECONDS;
  const look = () => {
    const start = document.querySelector(".st-key-queue_release");
    if (start && isIdle()) document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0, behavior: "smooth" });
    else if (Date.now() < until) setTimeout(look, 100);
  };
  setTimeout(look, PAUSE_MILLISECONDS);
};
// The way to the clips is for whoever does not see them, and has not seen how they ended.
const STAGE = ".st-key-generate_results [class*=st-key-card_]", ENDED = "[class*=st-key-ended_]";
const markStage = () => {
  const box = document.querySelector(STAGE)?.getBoundingClientRect();
  const isInView = Boolean(box) && box.top < innerHeight / 2;
  document.body.classList.toggle("studio-stage-seen", isInView);
  const ended = document.querySelector(ENDED);
  if (!ended) return;
  // A place that tells of another end now has not been seen.
  if (isInView) ended.dataset.seen = ended.className;
  else if (ended.dataset.seen !== ended.className) delete ended.dataset.seen;
};
export default function () {
  document.querySelectorAll(PROMPT).forEach((area) => { area.dir = "auto"; });
  if (window.studioLivePrompt) return;
  window.studioLivePrompt = true;
  let timer = 0;
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement) || event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(apply, PAUSE_MILLISECONDS, area);
    const key = keyOf(area), words = area.value;
    if (!key) return;
    if (key in MADE_OF) keepWords(key, words);
    unsent.set(key, words);
    setTimeout(() => unsent.get(key) === words && unsent.delete(key), PAUSE_MILLISECONDS + SENT_MILLISECONDS);
  });
  addEventListener("pagehide", () => {
    if (!unsent.size) return;
    sessionStorage.setItem(UNSENT, JSON.stringify({ at: Date.now(), path: location.pathname, words: [...unsent] }));
  });
  document.addEventListener("keydown", (event) => {
    const wanted = event.isTrusted && !event.repeat && event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (wanted && event.target.matches?.(PROMPT)) pressWhenDrawn(event.target);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(GENERATE)) goToStage();
    if (event.target.closest?.(".st-key-queue_plan button")) goToQueue();
    for (const [key, made] of Object.entries(MADE_OF)) {
      if (!event.target.closest?.(made)) continue;
      keepWords(key, "");
      unsent.delete(key);
    }
    const details = event.target.closest?.(".st-key-generate_more summary")?.closest("details");
    if (details) showOpened(details);
  });
  // The box may come later: behind a press, or on another page.
  setInterval(putBackKept, 500);
  document.addEventListener("scroll", markStage, { capture: true, passive: true });
  document.querySelectorAll("textarea").forEach((area) => area.value && apply(area));
  putBack();
}
