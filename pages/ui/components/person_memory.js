const STORE = "studio.person";
const YEAR_SECONDS = 365 * 24 * 3600;
export default function ({ data, setStateValue }) {
  // The server has to know the language before it draws, so this one is a cookie.
  if (data.language) document.cookie = `studio_language=${data.language}; path=/; max-age=${YEAR_SECONDS}; SameSite=Lax`;
  if (data.person !== null) localStorage.setItem(STORE, data.person);
  else if (!data.known && localStorage.getItem(STORE)) setStateValue("person", localStorage.getItem(STORE));
}
