// The seat: its clock ticks (the floor's clocks, too), any key adds time to a wrap-up, and a ringing call is announced once. Works without, too.
"use strict";
(() => {
  const seat = () => document.getElementById("r-seat");
  const shown = (seconds) => `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  setInterval(() => document.querySelectorAll("[data-ticks]").forEach((clock) => {
    const step = clock.dataset.ticks === "down" ? -1 : 1;
    const seconds = Math.max(0, Number(clock.dataset.seconds) + step);
    clock.dataset.seconds = String(seconds);
    clock.textContent = shown(seconds);
  }), 1000);

  // at most one request in ten seconds, however much is typed
  let told = 0;
  document.addEventListener("keydown", () => {
    const place = seat();
    if (place?.dataset.state !== "wrap_up" || Date.now() - told < 10000 || !window.htmx) return;
    told = Date.now();
    const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
    fetch("/seat/wrap-up", { method: "POST", headers: { ...token, "HX-Request": "true", "HX-Target": "r-seat" } })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => {
        const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-ticks=down]");
        const clock = document.querySelector("#r-seat [data-ticks=down]");
        if (fresh && clock) clock.dataset.seconds = fresh.dataset.seconds;
      })
      .catch(() => { /* the next key */ });
  });

  // a strip that is being used stands still, unless the call itself moved on
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const place = event.detail.target;
    if (place?.id !== "r-seat" || event.detail.requestConfig?.verb !== "get" || !place.dataset.state) return;
    const isSame = String(event.detail.serverResponse || "").includes(`data-state="${place.dataset.state}"`);
    if (isSame && place.contains(document.activeElement)) event.detail.shouldSwap = false;
  });

  // a ring is said once; the focus jumps to it from an idle screen only: nothing is typed, nothing is being used
  const isIdle = () => {
    const at = document.activeElement;
    if (!at || at === document.body || at.id === "main") return true;
    const words = document.getElementById("f-words");
    return at.matches("textarea, input:not([type=radio], [type=checkbox])") && !at.value && !words?.value;
  };
  let rung = "";
  document.body.addEventListener("htmx:afterSettle", () => {
    const place = seat();
    const call = place?.dataset.state === "ringing" ? place.dataset.call || "" : "";
    if (call && call !== rung) {
      const alert = document.getElementById("alert");
      if (alert) alert.textContent = place.querySelector(".seat-call")?.textContent.trim() || "";
      if (isIdle()) document.getElementById("seat-answer")?.focus();
    }
    rung = call;
    const choices = document.getElementById("seat-emergency");
    choices?.addEventListener("toggle", () => { if (choices.open) choices.querySelector("button")?.focus(); });
  });
})();
