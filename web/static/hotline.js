// What saves steps: focus, settled typing, keys, live news, time chips. Every act works without this file.
"use strict";
(() => {
  const body = document.body;
  const id = (name) => document.getElementById(name);
  const say = (text) => { const place = id("say"); if (place) place.textContent = text; };

  // --- focus: a server that answers with {"putFocus": "#id"} decides where the cursor goes
  body.addEventListener("putFocus", (event) => {
    const target = document.querySelector(event.detail.value || event.detail);
    if (!target) return;
    if (target.tabIndex < 0 && !target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
    target.focus();
  });
  const errors = id("r-errors");
  if (errors) errors.focus();

  // --- on a phone the places and tabs slide sideways: the one that is open is in sight
  for (const row of document.querySelectorAll(".top nav, .tabs")) {
    const open = row.querySelector("[aria-current]");
    if (open && row.scrollWidth > row.clientWidth) row.scrollLeft = open.offsetLeft - row.offsetLeft - 24;
  }

  // --- typing: "settled" fires 400 ms after the last key, 1 s while an IME composes; never for a text already told
  const waits = new WeakMap();
  const told = new WeakMap();
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof Element) || !field.hasAttribute("data-settled")) return;
    clearTimeout(waits.get(field));
    waits.set(field, setTimeout(() => {
      if (told.get(field) === field.value) return;
      told.set(field, field.value);
      field.dispatchEvent(new CustomEvent("settled", { bubbles: true }));
    }, event.isComposing ? 1000 : 400));
  });

  // --- what the desk kept in this tab for a lost connection goes with the session, and with the draft that is deleted
  document.addEventListener("submit", (event) => {
    const path = event.target.getAttribute("action") || "";
    const draft = /^\/desk\/drafts\/([0-9a-f-]+)\/removal$/.exec(path);
    if (path !== "/sign-out" && !draft) return;
    try {
      Object.keys(sessionStorage).filter((key) => draft ? key === `draft:${draft[1]}` : key.startsWith("draft:")).forEach((key) => sessionStorage.removeItem(key));
    } catch { /* private window */ }
  });

  // --- a thin bar after 300 ms; the region says that it is busy
  let running = 0;
  body.addEventListener("htmx:beforeRequest", (event) => {
    running += 1;
    id("busy")?.classList.add("is-on");
    event.detail.target?.setAttribute?.("aria-busy", "true");
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    running = Math.max(0, running - 1);
    if (!running) id("busy")?.classList.remove("is-on");
    event.detail.target?.removeAttribute?.("aria-busy");
  });
  body.addEventListener("htmx:sendError", () => {
    const place = id("alert");
    const text = body.dataset.lang === "en"
      ? "No connection. What you wrote is still here; try again." : "连不上，内容还在，稍后再点一次。";
    if (place) place.textContent = text;
    const flash = id("flash");
    if (flash) flash.replaceChildren(Object.assign(document.createElement("div"), { className: "flash flash-error", textContent: text }));
  });

  // --- keys: by place on the keyboard, dead in fields and while an IME composes, can be switched off
  const off = id("keys-off");
  const isOff = () => { try { return localStorage.getItem("keys") === "off"; } catch { return false; } };
  if (off) {
    off.checked = isOff();
    off.addEventListener("change", () => { try { localStorage.setItem("keys", off.checked ? "off" : "on"); } catch { /* private window */ } });
  }
  const inField = (element) => element instanceof Element && element.closest("input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-rows] tbody tr, [data-rows] > li")];
  const opening = (row) => row?.querySelector(".title a") || row?.querySelector("a");
  const current = () => rows().findIndex((row) => row.classList.contains("is-current"));
  const stand = (at) => {
    const all = rows();
    if (!all.length) return;
    const next = Math.max(0, Math.min(all.length - 1, at));
    all.forEach((row, n) => row.classList.toggle("is-current", n === next));
    opening(all[next])?.focus();
    all[next].scrollIntoView({ block: "nearest" });
  };
  let goes = 0;
  const press = (event) => {
    const code = event.code;
    if (Date.now() - goes < 1500) {
      goes = 0;
      const place = document.querySelector(`[data-go="${code.replace("Key", "").toLowerCase()}"]`);
      if (place) { place.click(); return true; }
    }
    if (event.shiftKey && code === "Slash") { const keys = id("keys"); if (keys?.showModal) keys.showModal(); return Boolean(keys); }
    if (event.shiftKey) return false;
    if (code === "KeyG") { goes = Date.now(); return true; }
    if (code === "KeyJ") { stand(current() + 1); return rows().length > 0; }
    if (code === "KeyK") { stand(current() - 1); return rows().length > 0; }
    if (code === "KeyX") { const box = rows()[current()]?.querySelector("input[type=checkbox]"); box?.click(); return Boolean(box); }
    if (code === "Enter" && !event.target.closest?.("a, button, summary, input")) {
      const link = opening(rows()[current()]); link?.click(); return Boolean(link);
    }
    const named = { BracketLeft: "[data-prev]", BracketRight: "[data-next]", Escape: "[data-back]" }[code];
    // one key may answer several questions in turn: a radio whose question is still open comes before all else
    const isOpen = (one) => one.type === "radio" && !document.querySelector(`input[name="${CSS.escape(one.name)}"]:checked`);
    const keyed = () => {
      const all = [...document.querySelectorAll(`[data-key="${CSS.escape(code)}"]`)].filter((one) => (one.offsetParent !== null || one.tagName === "INPUT") && (one.matches("summary") || !one.closest("details:not([open])")));
      return all.find(isOpen) || all[0];
    };
    const target = named ? document.querySelector(named) : keyed();
    if (!target || target.disabled || target.offsetParent === null && target.tagName !== "INPUT") return false;
    if (target.matches("input:not([type=radio],[type=checkbox]), textarea, select")) target.focus(); else target.click();
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest?.("form");
      if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("button.act") || undefined); }
      return;
    }
    const isFunction = /^F([1-9]|1[0-2])$/.test(event.code);
    if (isOff() || event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.code === "Enter") return;
    if (document.querySelector("dialog[open]")) return;
    if (inField(event.target) && !isFunction) { if (event.code === "Escape") event.target.blur(); return; }
    if (press(event)) event.preventDefault();
  });
  // the row that was opened last is marked when one comes back
  const seen = () => { try { return sessionStorage.getItem("last-row"); } catch { return null; } };
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("[data-rows] tr[id], [data-rows] > li[id]");
    if (row && event.target.closest("a")) { try { sessionStorage.setItem("last-row", row.id); } catch { /* private window */ } }
  });
  const mark = () => { const row = seen() && id(seen()); if (row) row.classList.add("is-last"); };
  mark();
  body.addEventListener("htmx:afterSettle", mark);

  // --- live: one stream a page, closed when hidden for a minute; without Valkey the page asks by itself
  const names = body.dataset.live;
  if (names && window.EventSource) {
    let stream = null; let hidden = 0; let polling = 0; let news = 0; let toldAt = 0; let isAgain = false;
    const ask = (name) => body.dispatchEvent(new CustomEvent(`live:${name}`, { bubbles: true }));
    const tell = (name) => {
      ask(name);
      if (document.querySelector(`[data-news~="${CSS.escape(name)}"]`)) {
        news += 1;
        const strip = id("news");
        if (!strip) return;
        strip.hidden = false;
        id("news-n").textContent = String(news);
        if (Date.now() - toldAt > 30000) { toldAt = Date.now(); say(`${strip.dataset[body.dataset.lang] || ""} ${news}`); }
      }
    };
    const stale = (is) => {
      const strip = id("stale");
      if (!strip) return;
      if (is && strip.hidden) id("stale-since").textContent = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
      strip.hidden = !is;
    };
    const poll = (is) => {
      clearInterval(polling);
      if (is) polling = setInterval(() => names.split(",").forEach(ask), 30000);
    };
    const open = () => {
      if (stream) return;
      stream = new EventSource(`/live?on=${encodeURIComponent(names)}`);
      names.split(",").forEach((name) => stream.addEventListener(name, () => tell(name)));
      stream.addEventListener("away", () => poll(true));
      stream.addEventListener("back", () => { poll(false); stale(false); });
      let lost = 0;
      stream.addEventListener("error", () => { clearTimeout(lost); lost = setTimeout(() => stale(true), 10000); });
      // what changed before the stream opened was told to nobody: seat and floor ask at once, after a gap everything asks
      stream.addEventListener("open", () => {
        clearTimeout(lost); stale(false);
        names.split(",").filter((name) => isAgain || /^(seat\..*|floor|help|surge)$/.test(name)).forEach(ask);
        isAgain = true;
      });
    };
    const close = () => { stream?.close(); stream = null; };
    document.addEventListener("visibilitychange", () => {
      clearTimeout(hidden);
      if (document.hidden) hidden = setTimeout(close, 60000); else open();
    });
    id("news-show")?.addEventListener("click", () => location.reload());
    addEventListener("pagehide", close);
    open();
  }

  // --- time chips: the server tells them anew each minute, a few bytes a chip
  const renew = async () => {
    const chips = [...document.querySelectorAll("[data-left]")];
    if (!chips.length || document.hidden) return;
    const codes = [...new Set(chips.map((chip) => chip.dataset.left))].slice(0, 200);
    try {
      const answer = await fetch(`/time-left?c=${codes.join(",")}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.headers.has("HX-Redirect")) return;
      const slots = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const chip of chips) {
        const fresh = slots.querySelector(`[data-code="${CSS.escape(chip.dataset.left)}"] .left`);
        if (fresh && fresh.outerHTML !== chip.outerHTML) chip.replaceWith(fresh.cloneNode(true));
      }
    } catch { /* the next minute */ }
  };
  setInterval(renew, 60000);
})();

// Where am I: the button shows only where the browser can tell; a refusal leaves the list and the map.
(() => {
  const button = document.querySelector("[data-locate]");
  if (!button || !navigator.geolocation || !window.isSecureContext) return;
  const box = button.closest(".locate");
  const form = button.form;
  box.hidden = false;
  button.addEventListener("click", (event) => {
    if (!form.elements.lat.disabled) return;
    event.preventDefault();
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      (found) => {
        for (const [name, value] of [["lat", found.coords.latitude], ["lon", found.coords.longitude]]) {
          form.elements[name].disabled = false;
          form.elements[name].value = value.toFixed(6);
        }
        form.requestSubmit(button);
      },
      () => {
        button.removeAttribute("aria-busy");
        const place = document.getElementById("alert");
        if (place) place.textContent = document.body.dataset.lang === "en" ? "No position; choose the district." : "没有得到位置，请选区县。";
        box.querySelector(".hint").textContent = document.body.dataset.lang === "en" ? "No position came. Choose the district from the list, or point at it below." : "没有得到位置，请从列表里选区县，或在下面的图上点。";
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
})();
