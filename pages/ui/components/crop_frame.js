const SMALLEST_WIDTH = 0.1;
const PAUSE_MILLISECONDS = 200;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const GROWTH = { "+": 1, "=": 1, "-": -1, "_": -1 };
const frames = new WeakMap();
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const largest = (slope) => {
  const width = Math.min(1, 1 / slope);
  return { left: (1 - width) / 2, top: (1 - width * slope) / 2, width };
};

export default function ({ data: [data], parentElement, setStateValue }) {
  const find = (name) => parentElement.querySelector(name);
  const stage = find(".stage"), picture = find("img"), frame = find(".frame"), corner = find(".corner");
  const state = frames.get(parentElement) ?? {};
  frames.set(parentElement, state);
  frame.setAttribute("aria-label", data.words.frame);
  frame.setAttribute("aria-roledescription", data.words.role);

  const draw = () => {
    const { left, top, width } = state.box;
    const sides = { left, top, width, height: width * state.slope };
    for (const [side, share] of Object.entries(sides)) frame.style[side] = `${share * 100}%`;
  };
  const place = (left, top, width = state.box.width) => {
    const room = Math.min(1, 1 / state.slope);
    const wide = clamp(width, Math.min(SMALLEST_WIDTH, room), room);
    const highest = Math.max(1 - wide * state.slope, 0);
    state.box = { left: clamp(left, 0, 1 - wide), top: clamp(top, 0, highest), width: wide };
    draw();
  };
  const tell = () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => {
      const { left, top, width } = state.box;
      const box = [left, top, width, Math.min(width * state.slope, 1)];
      setStateValue("box", { of: data.of, box });
    }, PAUSE_MILLISECONDS);
  };
  const shape = (width, height) => {
    stage.style.setProperty("--shape", width / height);
    state.slope = width / height / data.ratio;
    state.box = data.box ? { left: data.box[0], top: data.box[1], width: data.box[2] } : largest(state.slope);
    draw();
  };

  if (state.of !== data.of) {
    clearTimeout(state.timer);
    state.of = data.of;
    picture.onload = () => data.width || shape(picture.naturalWidth, picture.naturalHeight);
    picture.src = data.image;
    shape(data.width || 3, data.height || 2);
  }

  frame.onpointerdown = (event) => {
    if (event.button !== 0 || state.grip) return;
    frame.setPointerCapture(event.pointerId);
    const resizes = event.composedPath().includes(corner);
    state.grip = { id: event.pointerId, x: event.clientX, y: event.clientY, box: { ...state.box }, resizes };
  };
  frame.onpointermove = (event) => {
    if (state.grip?.id !== event.pointerId) return;
    const across = (event.clientX - state.grip.x) / stage.clientWidth;
    const down = (event.clientY - state.grip.y) / stage.clientHeight;
    const { left, top, width } = state.grip.box;
    if (!state.grip.resizes) return place(left + across, top + down);
    const grown = width + (across + down / state.slope) / 2;
    place(left, top, Math.min(grown, 1 - left, (1 - top) / state.slope));
  };
  frame.onpointerup = frame.onpointercancel = (event) => {
    if (state.grip?.id !== event.pointerId) return;
    state.grip = null;
    tell();
  };
  frame.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { left, top, width } = state.box;
    const step = STEPS[event.key], growth = GROWTH[event.key];
    if (!step && !growth) return;
    event.preventDefault();
    event.stopPropagation();
    const pace = event.shiftKey ? 0.1 : 0.01;
    if (step) return place(left + step[0] * pace, top + step[1] * pace);
    const before = state.box;
    place(left, top, width + growth * 0.02);
    const more = state.box.width - before.width;
    place(left - more / 2, top - more * state.slope / 2);
  };
  frame.onkeyup = (event) => (STEPS[event.key] || GROWTH[event.key]) && tell();
  return () => clearTimeout(state.timer);
}
