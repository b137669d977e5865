const STORE = "studio.person";
const YEAR_SECONDS = 365 * 24 * 3600;
const THEME = "studio_theme";
const PAGES = ["", "history", "queue", "storyboard", "credits", "team", "settings", "help", "compare", "clip"];
const themeKey = (path) => `stActiveTheme-${path}-v2`;
// Streamlit keeps a chosen theme for each address by itself, has no way to choose one in a small toolbar, and reads it at
// its start alone.
const wear = () => {
  const chosen = document.cookie.match(`(?:^|; )${THEME}=(System|Light|Dark)`)?.[1];
  if (!chosen) return;
  const worn = JSON.stringify(chosen);
  const here = themeKey(location.pathname);
  const isWorn = (localStorage.getItem(here) ?? '"System"') === worn;
  for (const page of PAGES) localStorage.setItem(themeKey(`/${page}`), worn);
  localStorage.setItem(here, worn);
  if (!isWorn) location.reload();
};
export default function ({ data: [data], setStateValue }) {
  // The server has to know them before it draws, so these are cookies.
  for (const [name, value] of Object.entries(data.choices)) {
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${YEAR_SECONDS}; SameSite=Lax`;
  }
  wear();
  if (data.person !== null) localStorage.setItem(STORE, data.person);
  else if (!data.known && localStorage.getItem(STORE)) setStateValue("person", localStorage.getItem(STORE));
}
