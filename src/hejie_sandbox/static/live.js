// Fetch this page again every two seconds and put the fresh list in place of the old one, only where it changed.
const list = document.querySelector("[data-live]");
async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
  if (fresh && fresh.innerHTML !== list.innerHTML) list.innerHTML = fresh.innerHTML;
}
if (list) setInterval(refresh, 2000);
