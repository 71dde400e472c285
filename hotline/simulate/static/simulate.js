// Every second the parts that change by themselves are fetched again; a part that did not change is left alone.
"use strict";
const wait = 1000;
const known = new Map();

function swap(fresh) {
  const name = fresh.dataset.live;
  const old = document.querySelector(`[data-live="${name}"]`);
  const html = fresh.innerHTML;
  if (!old || known.get(name) === html) return;
  known.set(name, html);
  const open = new Set([...old.querySelectorAll("details[open]")].map((one) => one.dataset.keep));
  const held = document.activeElement;
  const key = old.contains(held) ? held.textContent : null;
  const thread = (part) => (part.matches(".thread") ? part : part.querySelector(".thread, .said"));
  old.innerHTML = html;
  old.querySelectorAll("details[data-keep]").forEach((one) => { one.open = open.has(one.dataset.keep); });
  if (key) [...old.querySelectorAll("button, summary")].find((one) => one.textContent === key)?.focus();
  const end = thread(old);
  if (end) end.scrollTop = end.scrollHeight;
}

async function look() {
  try {
    const answer = await fetch(`/panels${location.search}`);
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      page.querySelectorAll("[data-live]").forEach(swap);
    }
  } catch {
    // the stand-in was stopped; when it is back the next look finds it
  }
  setTimeout(look, document.hidden ? 5 * wait : wait);
}

document.querySelectorAll(".thread, .said").forEach((one) => { one.scrollTop = one.scrollHeight; });
document.addEventListener("submit", async (event) => {
  // keys, hang up and the like: the page stays where it is
  const form = event.target;
  if (!form.closest("[data-live]") && !form.matches(".device > form")) return;
  event.preventDefault();
  const where = event.submitter?.getAttribute("formaction") || form.action;
  const text = form.querySelector("textarea");
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (text) text.value = "";
  await fetch(where, { method: "POST", body, redirect: "manual" });
});
look();
