const fileOf = async ({ url, name, type }) => new File([await (await fetch(url)).blob()], name, { type });
export default function ({ data: [data], parentElement }) {
  const button = parentElement.querySelector("button");
  button.textContent = data.label;
  button.hidden = true;
  if (!navigator.canShare) return;
  // The file has to be here before the press: a phone forgets a press that waits for it.
  fileOf(data).then((file) => {
    if (!navigator.canShare({ files: [file] })) return;
    button.hidden = false;
    button.onclick = () => navigator.share({ files: [file], title: data.title }).catch(() => {});
  });
}
