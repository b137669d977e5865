const NARROW = "(max-width: 768px)";
const LINK = '[data-testid="stSidebarNavLink"]';
const CLOSE = '[data-testid="stSidebarCollapseButton"] button';
let listening = null;
export default function () {
  listening?.abort();
  const mine = new AbortController();
  listening = mine;
  const close = (event) => {
    if (event.target.closest?.(LINK) && matchMedia(NARROW).matches) document.querySelector(CLOSE)?.click();
  };
  document.addEventListener("click", close, { signal: mine.signal });
  return () => mine.abort();
}
