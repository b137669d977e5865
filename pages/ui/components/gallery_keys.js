const HOVER_MILLISECONDS = 150;
const POSTER = "[data-clip][tabindex]";
const IDEA = '[class*="st-key-card_"]:has([class*="_starter_"])';
const FILLS = [
  "generate_continue_", "take_continue_", "icon_take_continue_", "icon_take_more_", "icon_generate_use_clip", "take_more_", "card_idea_",
  "edit_clip_",
].map((key) => `[class*="st-key-${key}"] button`).join(", ");
const EDITS = '[class*="st-key-edit_clip_"] button';
const MAKES = '[class*="st-key-edit_make_"] button, :is(.st-key-chain_join, .st-key-storyboard_join) button';
const WHOLE = ".st-key-storyboard_whole";
const MADE = '[class*="st-key-edit_save_"]';
const CONTINUES = '[class*="_continue_"] button';
const NAMES = '[class*="_tag_popover"] button, [class*="_collection_popover"] button';
const KEEPS = '[class*="st-key-plain_take_"] button';
const WAY_BACK = ".st-key-clip_way a";
const WAY_HERE = '.st-key-phone_bar [class*="_current"] a';
const CHOSEN = ".st-key-history_filter [aria-checked=true]";
const TOOLS = ".st-key-edit_tool";
const OPENS_TOOLS = ".st-key-clip_edit summary";
const PIECE = ".st-key-edit_trim";
const CARD = '[class*="st-key-card_"]';
const LINK = '[data-testid="stPageLink-NavLink"]';
const BUTTON = '[data-testid="stButton"] button';
const STAR = '[class*="st-key-"][class*="_star_"] button';
const CHECKBOX = 'input[type="checkbox"]';
const TRASH = ".st-key-history_delete button";
const UNDO = ".st-key-history_undo_delete button";
const REPLACES = '[class*="st-key-shot_replace"] button';
const PAYS = ".st-key-storyboard_pay button";
const UNCHOSEN = `${CHECKBOX}:not(:checked)`;
const SEARCH = ".st-key-history_search input";
const KEYS = ".st-key-history_keys button";
const WRITING = "input, textarea, select, [contenteditable]";
const NO_SWIPE = "input, textarea, [data-testid=stSlider], [role=dialog], [data-testid=stHorizontalBlock] [role=radiogroup], table";
const COMING_BACK_MILLISECONDS = 3000;
const FILLING_MILLISECONDS = 1500;
const EDITING_MILLISECONDS = 20000;
const SWIPE_PIXELS = 80;
const CONTROLS_PIXELS = 60;
const DRAWING_MILLISECONDS = 200;
const STRAY_SECONDS = 0.3;
const SHORTEST_SECONDS = 0.1;
let listening = null;
let showing = null;
let hovering = 0;
let kept = null;

const posterOf = (event) => event.target.closest?.(POSTER);
const inCard = (poster, selector) => poster.closest(CARD)?.querySelector(selector);
const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const cover = ({ poster, video }) => {
  const { objectFit, borderRadius } = getComputedStyle(poster);
  Object.assign(video.style, {
    position: "absolute", margin: "0", pointerEvents: "none", objectFit, borderRadius,
    left: `${poster.offsetLeft}px`, top: `${poster.offsetTop}px`,
    width: `${poster.offsetWidth}px`, height: `${poster.offsetHeight}px`,
  });
};
const stop = () => {
  clearTimeout(hovering);
  const video = showing?.video;
  showing = null;
  if (!video) return;
  video.remove();
  video.removeAttribute("src");
  video.load();
};
const underPointer = () => document.querySelector(`${POSTER}:hover`);
const play = (wanted) => {
  stop();
  const poster = wanted.isConnected ? wanted : underPointer();
  if (!poster?.dataset.video) return;
  const video = document.createElement("video");
  Object.assign(video, { muted: true, loop: true, playsInline: true, tabIndex: -1, src: poster.dataset.video });
  video.setAttribute("aria-hidden", "true");
  video.onerror = () => showing?.video === video && stop();
  poster.parentElement.style.position = "relative";
  showing = { poster, video };
  cover(showing);
  poster.parentElement.append(video);
  video.play().catch(() => {});
};
const toggle = (poster) => {
  if (showing?.poster !== poster) return play(poster);
  if (showing.video.paused) showing.video.play().catch(() => {});
  else showing.video.pause();
};

const nearestInRow = (posters, poster, direction) => {
  const here = poster.getBoundingClientRect();
  const far = (box) => (box.top - here.top) * direction;
  const boxes = posters.map((other) => ({ other, box: other.getBoundingClientRect() }));
  const beyond = boxes.filter(({ box }) => far(box) > here.height / 2);
  const row = Math.min(...beyond.map(({ box }) => far(box)));
  const aside = ({ box }) => Math.abs(box.left + box.width / 2 - here.left - here.width / 2);
  const level = beyond.filter(({ box }) => far(box) < row + here.height / 2);
  return level.toSorted((one, two) => aside(one) - aside(two))[0]?.other;
};
const open = (poster) => {
  const way = inCard(poster, LINK) ?? inCard(poster, BUTTON);
  way?.click();
  return Boolean(way);
};
const neighbour = (poster, key) => {
  const posters = [...document.querySelectorAll(POSTER)];
  const place = posters.indexOf(poster);
  const ways = {
    ArrowLeft: () => posters[place - 1], ArrowRight: () => posters[place + 1],
    ArrowUp: () => nearestInRow(posters, poster, -1), ArrowDown: () => nearestInRow(posters, poster, 1),
    Home: () => posters[0], End: () => posters.at(-1),
  };
  return ways[key]?.();
};
// A keyboard whose letters are not Latin has the same keys in the same places.
const letterOf = ({ key, code }) => {
  if (key.length !== 1 || !code.startsWith("Key")) return "";
  return (/^[a-z]$/i.test(key) ? key : code.slice(-1)).toLowerCase();
};
const work = (poster, event) => {
  const target = neighbour(poster, event.key);
  const letter = letterOf(event);
  if (target) target.focus();
  else if (event.key === " ") toggle(poster);
  else if (event.key === "Enter") open(poster);
  else if (letter === "s" && !event.repeat) inCard(poster, STAR)?.click();
  else if (letter === "x" && !event.repeat) inCard(poster, CHECKBOX)?.click();
  else return;
  event.preventDefault();
};
const pressed = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  const target = event.composedPath()[0];
  if (target.closest?.(WRITING) || document.querySelector('[role="dialog"]')) return;
  const poster = posterOf(event);
  // Streamlit's main section takes the focus of a click beside everything, the menu's link that of a visit.
  const nothing = !document.activeElement || document.activeElement.matches("body, main, header a");
  const entry = event.key === "/" ? document.querySelector(SEARCH)
    : nothing && event.key.startsWith("Arrow") ? document.querySelector(POSTER) : null;
  if (event.key === "?") return document.querySelector(KEYS)?.click();
  // Where nothing is chosen yet, the first press chooses, and the bar says what the second does.
  if (!event.repeat && event.key === "Delete") return (document.querySelector(TRASH) ?? (poster && inCard(poster, UNCHOSEN)))?.click();
  if (!event.repeat && letterOf(event) === "u") return document.querySelector(UNDO)?.click();
  if (poster && event.key !== "/") return work(poster, event);
  if (!entry) return;
  event.preventDefault();
  entry.focus();
};

const onceThere = (find, act, patience = COMING_BACK_MILLISECONDS) => {
  const until = Date.now() + patience;
  const look = () => {
    const found = find();
    if (found) act(found);
    else if (Date.now() < until) setTimeout(look, 50);
  };
  look();
};
const focusOnce = (find) => onceThere(find, (field) => field.focus({ preventScroll: true }));
// What an edit made may stand below the screen.
const showMade = (button) => onceThere(
  () => (button.closest(WHOLE) ?? button.closest("details"))?.querySelector(MADE),
  (made) => made.scrollIntoView({ block: "center", behavior: isStill() ? "auto" : "smooth" }),
  EDITING_MILLISECONDS,
);
// What opens at the lower edge is brought into sight, once most of it is drawn.
const showTools = (summary) => onceThere(
  () => summary.parentElement.open && document.querySelector(TOOLS),
  () => setTimeout(() => summary.scrollIntoView({ block: "start", behavior: isStill() ? "auto" : "smooth" }), DRAWING_MILLISECONDS),
);
// Who replaces a shot looks for what makes it again: it stands above the panel.
const showNext = () => onceThere(
  () => document.querySelector(PAYS),
  (next) => next.scrollIntoView({ block: "nearest", behavior: isStill() ? "auto" : "smooth" }),
);
// Where a kept take can go stands below all of them.
const showWays = (button) => {
  const name = button.closest(KEEPS.replace(" button", "")).className.match(/plain_take_([\w-]+)/)[1];
  onceThere(
    () => document.querySelector(`.st-key-kept_take_${CSS.escape(name)}`),
    (ways) => ways.scrollIntoView({ block: "nearest", behavior: isStill() ? "auto" : "smooth" }),
  );
};
// Whoever goes on from a clip wants to write what happens next, and whoever asks for a tag its name.
const whatComesNext = () => {
  const area = document.querySelector(".st-key-generate_prompt textarea");
  const isThere = document.querySelector(".st-key-continuing [data-testid=stMarkdown]");
  return isThere && area && !area.value ? area : null;
};
// Whoever edits the prompt of a clip wants to change its words, once they are there.
const promptField = () => document.querySelector(".st-key-generate_prompt textarea");
const editedPrompt = () => {
  const before = promptField()?.value, until = Date.now() + FILLING_MILLISECONDS;
  focusOnce(() => (promptField()?.value === before && Date.now() < until ? null : promptField()));
};
const nameField = () => document.querySelector("[data-testid=stPopoverBody] input");

// Whoever opens a clip and comes back finds the page where they left it; the history by any way, unless there is news.
const LEFT = "studio.left";
const scroller = () => document.querySelector('[data-testid="stMain"]');
const isHistory = () => location.pathname.endsWith("/history");
const isClip = () => location.pathname.endsWith("/clip");
const newest = () => document.querySelector("[data-clip]")?.dataset.clip;
let goesBack = false;
const leaveMark = (event) => {
  goesBack = Boolean(event.target.closest?.(WAY_BACK));
  if (isClip() || !event.target.closest?.(`${CARD} :is(${LINK}, ${POSTER})`)) return;
  sessionStorage.setItem(LEFT, JSON.stringify({ page: location.pathname, top: scroller().scrollTop, newest: newest() }));
};
const comeBack = () => {
  const { page, top, newest: wasNewest } = JSON.parse(sessionStorage.getItem(LEFT)) ?? {};
  if (page !== location.pathname || !top || !(isHistory() || goesBack)) return;
  sessionStorage.removeItem(LEFT);
  const until = Date.now() + COMING_BACK_MILLISECONDS;
  const look = () => {
    const main = scroller();
    if (!goesBack && newest() && newest() !== wasNewest) return;
    if (main && main.scrollHeight - main.clientHeight >= Math.floor(top)) main.scrollTop = top;
    else if (Date.now() < until) setTimeout(look, 50);
    else if (main) main.scrollTop = top; // it is shorter now: to its end
  };
  look();
};

// Another page is read from its top, however far down the one before was.
let place = null;
const fromTheTop = () => {
  const asked = new URLSearchParams(location.search);
  const here = [location.pathname, asked.get("clip"), asked.has("join")].join(" ");
  if (place !== null && place !== here) scroller()?.scrollTo(0, 0);
  place = here;
};

// A finger that moves far to the side turns to the neighbour, as arrow keys do; on a player's controls it seeks.
let touched = null;
const swipe = (event) => {
  const end = event.changedTouches[0];
  const across = touched ? end.clientX - touched.x : 0;
  if (!touched || Math.abs(across) < SWIPE_PIXELS || Math.abs(across) < 2 * Math.abs(end.clientY - touched.y)) return;
  document.querySelector(`.st-key-icon_clip_${across > 0 ? "newer" : "older"} button:not(:disabled)`)?.click();
};
const touch = (event) => {
  const { clientX: x, clientY: y } = event.touches[0];
  const box = event.target.matches?.("video") ? event.target.getBoundingClientRect() : null;
  const seeks = box && y > box.bottom - CONTROLS_PIXELS;
  touched = event.touches.length === 1 && !seeks && !event.target.closest?.(NO_SWIPE) ? { x, y } : null;
};

// On a phone the filters are a row that a finger turns; the chosen one is seen.
const showChosen = () => {
  const chosen = document.querySelector(CHOSEN), row = chosen?.closest("[role=radiogroup]");
  if (row && !row.scrollLeft) row.scrollLeft = chosen.offsetLeft + chosen.offsetWidth - row.offsetLeft - row.clientWidth;
};

// A player of its own keeps its controls; it plays by itself, muted, where motion is wanted and the line allows it.
const enliven = () => {
  if (isStill() || navigator.connection?.saveData) return;
  document.querySelectorAll("video[data-autoplay]:not([data-alive])").forEach((video) => {
    video.dataset.alive = "";
    video.muted = true;
    video.play().catch(() => {});
  });
};
// What is to be cut is looked at first: the chosen piece round and round, from its beginning whenever an end moves.
const playPiece = () => {
  const piece = document.querySelector(`${PIECE} [data-from]`), video = document.querySelector(`${PIECE} video`);
  if (!piece || !video) return;
  if (!video.closest("details[open]")) {
    delete video.dataset.piece;
    return video.pause();
  }
  const wanted = `${piece.dataset.from} ${piece.dataset.to}`;
  if (video.dataset.piece === wanted) return;
  video.dataset.piece = wanted;
  const from = Number(piece.dataset.from), to = Number(piece.dataset.to), isEmpty = to - from < SHORTEST_SECONDS;
  const again = () => {
    video.currentTime = from;
    if (!isStill() && !navigator.connection?.saveData) video.play().catch(() => {});
  };
  const look = () => {
    if (!video.paused && !video.seeking && (video.currentTime >= to || video.currentTime < from - STRAY_SECONDS)) again();
  };
  const lookAtEach = () => {
    if (video.dataset.piece !== wanted || isEmpty) return;
    look();
    video.requestVideoFrameCallback?.(lookAtEach);
  };
  video.muted = true;
  video.onended = isEmpty ? null : again;
  video.ontimeupdate = isEmpty ? null : look;
  if (isEmpty) video.pause();
  if (isEmpty) video.currentTime = from;
  else again();
  lookAtEach();
};
const follow = () => {
  enliven();
  playPiece();
  if (showing && !showing.poster.isConnected) {
    stop();
    if (underPointer() && !isStill()) play(underPointer());
  }
  if (!kept || (document.activeElement && document.activeElement !== document.body)) return;
  document.querySelector(`[data-clip="${CSS.escape(kept)}"][tabindex]`)?.focus({ preventScroll: true });
};

const listenAll = (listen, words) => {
  let pointer = "mouse";
  listen(document, "pointerover", (event) => {
    const poster = posterOf(event);
    if (!poster || event.pointerType !== "mouse" || isStill() || showing?.poster === poster) return;
    clearTimeout(hovering);
    hovering = setTimeout(play, HOVER_MILLISECONDS, poster);
  });
  listen(document, "pointerout", (event) => {
    if (posterOf(event) && event.pointerType === "mouse") stop();
  });
  listen(document, "pointerdown", (event) => {
    pointer = event.pointerType;
    if (!posterOf(event)) kept = null;
  });
  listen(document, "click", (event) => {
    // On a phone the form that is filled by this lies above.
    if (event.target.closest?.(CONTINUES)) focusOnce(whatComesNext);
    if (pointer === "mouse" && event.target.closest?.(NAMES)) focusOnce(nameField);
    const makes = event.target.closest?.(MAKES);
    if (makes) showMade(makes);
    const tools = event.target.closest?.(OPENS_TOOLS);
    if (tools) showTools(tools);
    if (event.target.closest?.(REPLACES)) showNext();
    const keeps = event.target.closest?.(KEEPS);
    if (keeps) showWays(keeps);
    if (event.target.closest?.(EDITS)) editedPrompt();
    if (event.target.closest?.(`${FILLS}, ${WAY_HERE}`)) scroller()?.scrollTo({ top: 0, behavior: "smooth" });
    const poster = posterOf(event);
    if (!poster || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (poster.closest(IDEA)) scroller()?.scrollTo({ top: 0, behavior: "smooth" });
    // A clip plays on its page; a sample that leads nowhere plays in its place.
    if (!open(poster) && pointer === "touch" && showing?.poster !== poster) play(poster);
  });
  listen(document, "focusin", (event) => {
    const poster = posterOf(event);
    kept = poster?.dataset.clip ?? null;
    if (showing && poster !== showing.poster) stop();
    if (poster && words.keys) poster.setAttribute("aria-description", words.keys);
  });
  listen(document, "click", leaveMark);
  listen(window, "popstate", () => { goesBack = true; });
  listen(document, "touchstart", touch);
  listen(document, "touchend", swipe);
  listen(document, "keydown", pressed);
  // Arrows in a player seek; as the page's shortcuts they would leave the clip.
  listen(document.body, "keydown", (event) => {
    if (event.target.matches?.("video") && event.key.startsWith("Arrow")) event.stopPropagation();
  });
  listen(window, "resize", () => showing && cover(showing));
};

export default function ({ data: [data], parentElement }) {
  listening?.abort();
  const mine = new AbortController();
  listening = mine;
  const accent = getComputedStyle(parentElement).getPropertyValue("--st-primary-color");
  document.documentElement.style.setProperty("--studio-accent", accent);
  listenAll((where, name, handle) => where.addEventListener(name, handle, { signal: mine.signal }), data.words);
  enliven();
  playPiece();
  fromTheTop();
  comeBack();
  showChosen();
  const observer = new MutationObserver(follow);
  observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ["open"] });
  mine.signal.addEventListener("abort", () => {
    observer.disconnect();
    stop();
  });
  return () => mine.abort();
}
