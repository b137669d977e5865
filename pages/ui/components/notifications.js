const SIDE = 64;
const SPEECH_MILLISECONDS = 100;
const DOTS = {
  running: ["#6b50e4", ""], good: ["#1b7f4b", "M38 49l5 5 9-10"], bad: ["#c0362c", "M40 43l10 10m0-10l-10 10"],
};
let told = null;
let openedAt = 0;
let running = 0;
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
  voice.dataset.heard = String(told.size);
  if (fresh.length) tell(fresh, data.words);
  speak(voice, [...fresh.map((clip) => clip.text), ...(grew ? [data.words.running] : [])]);
};

// Who is out of reach presses in vain; a computer that serves itself is not. A connection may outlast the line for a moment.
const LOOK_AGAIN_MILLISECONDS = 3000;
let lookingAgain = 0;
const showReach = async (words) => {
  clearTimeout(lookingAgain);
  const isReached = navigator.onLine || await fetch("/healthz", { cache: "no-store" }).then(() => true, () => false);
  if (!navigator.onLine) lookingAgain = setTimeout(showReach, LOOK_AGAIN_MILLISECONDS, words);
  const shown = document.querySelector(".studio-offline");
  if (isReached) return shown?.remove();
  const bar = shown ?? document.body.appendChild(document.createElement("div"));
  bar.className = "studio-offline";
  bar.setAttribute("role", "alert");
  bar.textContent = words.offline;
};

// The still picture of the page goes when the page is drawn as a whole, so that nobody sees it jump into place.
const DRAWING_MILLISECONDS = 4000;
const reveal = (until = Date.now() + DRAWING_MILLISECONDS) => {
  const isDrawn = document.querySelector("[data-test-script-state=notRunning]") && !document.querySelector("[data-testid=stSkeleton]");
  if (isDrawn || Date.now() > until) document.querySelector(".first-paint")?.remove();
  else setTimeout(reveal, 16, until);
};

// Sheets and menus stand outside the app's own frame, which alone knows whether the theme is dark.
const wearTheme = () => {
  const theme = getComputedStyle(document.querySelector(".stApp")).colorScheme;
  if (document.documentElement.style.colorScheme !== theme) document.documentElement.style.colorScheme = theme;
};

// What was said of the press before is old once something else is pressed: "Nothing is paid yet" beside what was paid.
const forgetSaid = ({ target }) => {
  if (!target.closest?.(".stApp :is(button, a)") || target.closest("[data-testid=stToast]")) return;
  // By its own button: one that is merely hidden would keep the same words from being said again.
  document.querySelectorAll("[data-testid=stToast] button").forEach((button) => button.click());
};

let listening = null;
export default function ({ data: [data], parentElement }) {
  listening?.abort();
  const mine = new AbortController();
  listening = mine;
  closeSheets(mine.signal);
  document.addEventListener("click", forgetSaid, { signal: mine.signal });
  reveal();
  wearTheme();
  look(data, parentElement.querySelector(".studio-voice"));
  drawIcon(data.icon);
  const seen = () => {
    if (document.hidden) return;
    missed = "";
    drawIcon(data.icon);
  };
  document.addEventListener("visibilitychange", seen, { signal: mine.signal });
  ["online", "offline"].forEach((change) => window.addEventListener(change, () => showReach(data.words), { signal: mine.signal }));
  const observer = new MutationObserver(setIcon);
  observer.observe(document.head, { childList: true, subtree: true, attributeFilter: ["href"] });
  const themes = new MutationObserver(wearTheme);
  themes.observe(document.querySelector(".stApp"), { attributeFilter: ["class"] });
  mine.signal.addEventListener("abort", () => [observer, themes].forEach((one) => one.disconnect()));
  return () => mine.abort();
}
