const STORE = "studio.draft";
export default function ({ data, setStateValue }) {
  const kept = localStorage.getItem(STORE);
  if (data.asks && kept && kept !== data.draft) setStateValue("draft", kept);
  else localStorage.setItem(STORE, data.draft);
}
