// What pages do better with JavaScript; none of it is needed. No inline code, no eval.
"use strict";

// A refused form: the summary is read out and in view.
const summary = document.getElementById("summary");
if (summary) summary.focus();

// A second tap while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.submitter?.hasAttribute("data-repeat")) return; // a file: the page stays
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  // Whoever comes back to a form that did not get through finds what was written, unfolded.
  for (const field of document.querySelectorAll("details:not([open]) :is(textarea, input[type=text])")) {
    if (field.value !== field.defaultValue) field.closest("details").open = true;
  }
});

// Whoever types slowly stays signed in: at most every five minutes, and only after something was typed.
const PING_MS = 300000;
let pinged = Date.now();
document.addEventListener("input", (event) => {
  const city = location.pathname.match(/^\/[1-9][0-9]{5}(?=\/|$)/);
  if (!city || !event.target.form || Date.now() - pinged < PING_MS) return;
  pinged = Date.now();
  fetch(city[0] + "/awake").catch(() => {});
});

// A phone that slept or had no network reads again what it may have missed.
const again = () => {
  if (document.visibilityState !== "visible") return;
  for (const live of document.querySelectorAll("[data-hx-sse\\:connect]")) live.dispatchEvent(new Event("changed"));
};
window.addEventListener("online", again);
document.addEventListener("visibilitychange", again);

// On a phone the sections are one row: the one that is open is in sight.
const section = document.querySelector("nav.tabs [aria-current]");
if (section) section.parentElement.scrollLeft = section.offsetLeft - (section.parentElement.clientWidth - section.offsetWidth) / 2;

// data-copy="ID": puts the text of that element on the clipboard.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.dataset.done = "yes";
});

// data-print: prints the page.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// data-tick-all: ticks every box of the list above, or none where all are.
for (const button of document.querySelectorAll("[data-tick-all]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const boxes = [...document.querySelectorAll("input.line__tick")];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  });
}
