const STORE = "studio.person";
export default function ({ data, setStateValue }) {
  if (data.person !== null) localStorage.setItem(STORE, data.person);
  else if (!data.known && localStorage.getItem(STORE)) setStateValue("person", localStorage.getItem(STORE));
}
