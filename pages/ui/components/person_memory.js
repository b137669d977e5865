const STORE = "studio.person";
const YEAR_SECONDS = 365 * 24 * 3600;
export default function ({ data, setStateValue }) {
  // The server has to know them before it draws, so these are cookies.
  for (const [name, value] of Object.entries(data.choices)) {
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${YEAR_SECONDS}; SameSite=Lax`;
  }
  if (data.person !== null) localStorage.setItem(STORE, data.person);
  else if (!data.known && localStorage.getItem(STORE)) setStateValue("person", localStorage.getItem(STORE));
}
