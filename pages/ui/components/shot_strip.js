let held = null;
const idsOf = (strip) => [...strip.children].map((card) => card.dataset.id);
const moved = (ids, id, to) => {
  const rest = ids.filter((other) => other !== id);
  rest.splice(to, 0, id);
  return rest;
};
const clear = (strip) => strip.querySelectorAll(".before, .after").forEach((card) => card.classList.remove("before", "after"));
const isBehind = (card, other) => Boolean(card.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_PRECEDING);

const cardOf = (shot, data) => {
  const card = document.createElement("li");
  const still = Object.assign(document.createElement("div"), { className: "still" });
  if (shot.poster) still.style.backgroundImage = `url("${encodeURI(shot.poster)}")`;
  const words = Object.assign(document.createElement("div"), { className: "words", textContent: `${shot.number}. ${shot.words}`, dir: "auto" });
  const small = Object.assign(document.createElement("div"), { className: "small" });
  for (const text of [shot.seconds, shot.state]) small.append(Object.assign(document.createElement("span"), { textContent: text }));
  // What has no picture yet is a card with its words on it.
  if (!shot.poster && !shot.moves) still.append(words);
  card.append(...(still.contains(words) ? [still, small] : [still, words, small]));
  Object.assign(card.dataset, { id: shot.id, continues: shot.continues, moves: shot.moves });
  Object.assign(card, { draggable: true, tabIndex: 0, title: shot.continues ? data.words.continues : "" });
  card.setAttribute("role", "option");
  card.setAttribute("aria-selected", String(shot.id === data.selected));
  card.setAttribute("aria-label", [shot.number, shot.words, shot.seconds, shot.state].join(", "));
  card.setAttribute("aria-description", data.words.keys);
  return card;
};

// The shot that is open is seen, whoever opened it; the page itself stays where it is.
const show = (strip, selected) => {
  strip.dataset.shown = selected;
  const card = strip.querySelector('[aria-selected="true"]');
  if (!card) return;
  const edge = strip.getBoundingClientRect(), box = card.getBoundingClientRect();
  if (box.left < edge.left) strip.scrollLeft += box.left - edge.left;
  else if (box.right > edge.right) strip.scrollLeft += box.right - edge.right;
};

const listen = (strip, setStateValue, setTriggerValue) => {
  const arrange = (ids) => ids.join() !== idsOf(strip).join() && setTriggerValue("order", ids);
  strip.onclick = (event) => {
    const card = event.target.closest("li");
    if (card) setStateValue("selected", card.dataset.id);
  };
  strip.onkeydown = (event) => {
    const card = event.target.closest("li");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!card) return;
    if (event.key === "Enter" || event.key === " ") setStateValue("selected", card.dataset.id);
    else if (step && event.altKey) {
      const ids = idsOf(strip);
      arrange(moved(ids, card.dataset.id, Math.max(ids.indexOf(card.dataset.id) + step, 0)));
    } else if (step) (step < 0 ? card.previousElementSibling : card.nextElementSibling)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  strip.ondragstart = (event) => {
    held = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.id);
    held.classList.add("held");
  };
  strip.ondragover = (event) => {
    const card = event.target.closest("li");
    if (!held || !card) return;
    event.preventDefault();
    clear(strip);
    if (card !== held) card.classList.add(isBehind(card, held) ? "after" : "before");
  };
  strip.ondrop = (event) => {
    const card = event.target.closest("li");
    if (!held || !card || card === held) return;
    event.preventDefault();
    const ids = idsOf(strip);
    arrange(moved(ids, held.dataset.id, ids.indexOf(card.dataset.id)));
  };
  strip.ondragend = () => {
    held?.classList.remove("held");
    held = null;
    clear(strip);
  };
};

export default function ({ data: [data], parentElement, setStateValue, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  if (held) return;
  const focused = strip.querySelector(":focus")?.dataset.id;
  const drawn = JSON.stringify(data);
  if (strip.dataset.drawn !== drawn) {
    strip.dataset.drawn = drawn;
    strip.setAttribute("aria-label", data.words.label);
    strip.replaceChildren(...data.shots.map((shot) => cardOf(shot, data)));
    if (focused) strip.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    if (strip.dataset.shown !== data.selected) show(strip, data.selected);
  }
  listen(strip, setStateValue, setTriggerValue);
}
