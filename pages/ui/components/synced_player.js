const FRAME_SECONDS = 1 / 24;
const DRIFT_SECONDS = 0.08;
const HIGHEST_VH = 44;
// On a phone four stand in two rows, with what plays and keeps them on the same screen.
const HIGHEST_OF_MANY_VH = 24;
// Nor does an upright one below a wide one go beyond it.
const HIGHEST_BELOW_VH = 30;
const LARGE_VH = 60;
const LARGE_ON_PHONE_VH = 40;
// By the name of a sign in the icon font that every page has; its word is read aloud and shown on demand.
const label = (button, sign, word) => {
  button.textContent = sign;
  button.title = word;
  button.setAttribute("aria-label", word);
};
const sign = (name) => Object.assign(document.createElement("span"), { className: "sign", textContent: name, ariaHidden: "true" });
// Right below each video: what keeps it, and the way to its page.
const toolsOf = (clip, setTriggerValue) => {
  const tools = Object.assign(document.createElement("div"), { className: "tools" });
  const keep = Object.assign(document.createElement("button"), { type: "button" });
  const open = Object.assign(document.createElement("a"), { href: `clip?clip=${clip.id}` });
  keep.onclick = () => setTriggerValue("keep", clip.id);
  open.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    setTriggerValue("open", clip.id);
  };
  tools.append(keep, open);
  return tools;
};
export default function ({ data: [data], parentElement, setTriggerValue }) {
  const find = (name) => parentElement.querySelector(name);
  const players = find(".players"), play = find(".play"), scrub = find(".scrub"), sound = find(".sound");
  const wanted = data.clips.map((clip) => clip.url).join();
  // On a phone the videos may be higher than the screen, so what plays them stands above.
  if (matchMedia("(max-width: 640px)").matches && players.nextElementSibling) players.before(find(".bar"));
  const isNew = players.dataset.showing !== wanted;
  if (isNew) {
    players.dataset.showing = wanted;
    const isPhone = matchMedia("(max-width: 640px)").matches, areMany = data.clips.length > (isPhone ? 3 : 2);
    players.dataset.arrangement = data.clips.every((clip) => clip.ratio < 1) || areMany ? "grid" : "list";
    const isBelow = isPhone && players.dataset.arrangement === "list";
    const highest = areMany && isPhone ? HIGHEST_OF_MANY_VH : isBelow ? HIGHEST_BELOW_VH : HIGHEST_VH;
    players.replaceChildren(...data.clips.map((clip) => {
      const video = document.createElement("video");
      Object.assign(video, { src: clip.url, poster: clip.poster, muted: true, playsInline: true, preload: "auto" });
      video.setAttribute("aria-label", clip.name);
      // In its own shape and never higher than the screen: no black bars beside an upright one.
      const frame = document.createElement("figure");
      Object.assign(frame.style, { aspectRatio: clip.ratio, width: `min(100%, ${clip.ratio * highest}vh)` });
      frame.style.setProperty("--large", `${clip.ratio * (isPhone ? LARGE_ON_PHONE_VH : LARGE_VH)}vh`);
      Object.assign(frame, { tabIndex: 0, role: "button", ariaLabel: `${data.words.large}: ${clip.number}` });
      frame.onclick = () => {
        for (const other of players.querySelectorAll("[data-large]")) if (other !== frame) other.click();
        frame.ariaPressed = String(frame.toggleAttribute("data-large"));
      };
      frame.onkeydown = (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        frame.click();
      };
      const number = document.createElement("figcaption");
      number.textContent = clip.number;
      frame.append(video, number);
      const take = document.createElement("div");
      take.className = "take";
      take.append(frame, toolsOf(clip, setTriggerValue));
      return take;
    }));
  }
  data.clips.forEach((clip, place) => {
    const [keep, open] = players.children[place].querySelector(".tools").children;
    keep.setAttribute("aria-pressed", String(clip.kept));
    keep.replaceChildren(sign("star"), clip.kept ? data.words.kept : data.words.keep);
    open.textContent = data.words.open;
    for (const each of [keep, open]) each.setAttribute("aria-label", `${each.lastChild.textContent}: ${clip.number}`);
  });
  const videos = [...players.querySelectorAll("video")], lead = videos[0];
  const words = () => (lead.paused ? label(play, "play_arrow", data.words.play) : label(play, "pause", data.words.pause));
  const told = (seconds) => (seconds || 0).toLocaleString(data.words.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const tell = () => { find(".time").textContent = `${told(lead.currentTime)} / ${told(lead.duration)}`; };
  const seek = (seconds) => videos.forEach((video) => { video.currentTime = Math.min(Math.max(seconds, 0), video.duration || 0); });
  label(find(".back"), "skip_previous", data.words.back);
  label(find(".step"), "skip_next", data.words.step);
  label(sound, lead.muted ? "volume_off" : "volume_up", data.words.sound);
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
    label(sound, loud ? "volume_up" : "volume_off", data.words.sound);
  };
  lead.onplay = lead.onpause = words;
  // Where motion is wanted they begin by themselves, muted, and go on: what differs is seen at the second look.
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData;
  lead.onended = () => {
    seek(0);
    if (!isCalm) videos.forEach((video) => video.play().catch(() => {}));
    words();
  };
  lead.onloadedmetadata = tell;
  lead.ontimeupdate = () => {
    tell();
    scrub.value = lead.duration ? lead.currentTime / lead.duration * 1000 : 0;
    videos.slice(1).forEach((video) => {
      if (!lead.paused && Math.abs(video.currentTime - lead.currentTime) > DRIFT_SECONDS) video.currentTime = lead.currentTime;
    });
  };
  if (isNew && !isCalm) videos.forEach((video) => video.play().catch(() => {}));
  words();
  tell();
}
