const STORE = "studio.tell";
const GOOD = "succeeded";
const CHIME_HERTZ = [659, 880];
const LOW_HERTZ = [330, 262];
let audio = null;

const choice = () => localStorage.getItem(STORE);
const choose = (sound, notice) => {
  localStorage.setItem(STORE, sound && notice ? "both" : sound ? "sound" : notice ? "notification" : "none");
};
const wantsSound = () => ["sound", "both"].includes(choice());
const wantsNotice = () => ["notification", "both"].includes(choice());
const mayNotify = async () => "Notification" in window && await Notification.requestPermission() === "granted";

const note = (hertz, start) => {
  const tone = new OscillatorNode(audio, { type: "sine", frequency: hertz });
  const loudness = new GainNode(audio, { gain: 0 });
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(0.12, start + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0005, start + 0.6);
  tone.connect(loudness).connect(audio.destination);
  tone.start(start);
  tone.stop(start + 0.62);
};
const chime = async (good) => {
  audio ??= new AudioContext();
  await audio.resume();
  (good ? CHIME_HERTZ : LOW_HERTZ).forEach((hertz, place) => note(hertz, audio.currentTime + place * 0.16));
};
const notify = (clip, title) => {
  try {
    const notice = new Notification(title, { body: clip.text, tag: clip.id });
    notice.onclick = () => {
      window.focus();
      notice.close();
      if (clip.url) location.assign(clip.url);
    };
  } catch {
    // Phones have the name but only let a service worker use it.
  }
};
