const YEAR_SECONDS = 365 * 24 * 3600;
export default function ({ data: [data] }) {
  // The server has to know it before it draws the form: told later, it would take away what was typed meanwhile.
  document.cookie = `${data.name}=${data.draft}; path=/; max-age=${YEAR_SECONDS}; SameSite=Lax`;
}
