export default function ({ data: [data], parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const sound = find(".sound"), notice = find(".notice"), problem = find("p"), trial = find("button");
  const { words } = data;
  sound.nextElementSibling.textContent = words.sound;
  notice.nextElementSibling.textContent = words.notification;
  trial.textContent = words.try;
  const draw = () => {
    sound.checked = wantsSound();
    notice.checked = wantsNotice() && window.Notification?.permission === "granted";
    problem.hidden = !problem.textContent;
    trial.disabled = !sound.checked && !notice.checked;
  };
  sound.onchange = notice.onchange = async (event) => {
    const isDenied = event.target === notice && notice.checked && !await mayNotify();
    problem.textContent = isDenied ? words.denied : "";
    choose(sound.checked, notice.checked && !isDenied);
    draw();
  };
  trial.onclick = () => {
    if (sound.checked) chime(true);
    if (notice.checked) notify({ id: "trial", text: words.trial }, words.title);
  };
  draw();
}
