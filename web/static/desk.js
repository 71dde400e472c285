// The call form: proposals by key, and drafts that are never lost. Every act works without this file.
"use strict";
(() => {
  const body = document.body;
  const id = (name) => document.getElementById(name);
  const form = () => id("call");
  const field = (name) => form()?.elements[name];
  const en = body.dataset.lang === "en";
  const said = (zh, other) => (en ? other : zh);
  const alert = (text) => { const place = id("alert"); if (place) place.textContent = text; };
  const isComposing = (event) => event.isComposing || event.keyCode === 229;

  // --- which window this is: a token of the tab; a tab that was duplicated gets one of its own
  const store = { get: (key) => { try { return sessionStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* private window */ } },
    drop: (key) => { try { sessionStorage.removeItem(key); } catch { /* private window */ } },
    keys: () => { try { return Object.keys(sessionStorage); } catch { return []; } } };
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(16).padStart(2, "0")).join("");
  let own = store.get("desk-window") || fresh();
  store.set("desk-window", own);
  let version = 0; let known = 0; // the savings of this page, and the last one that the server is known to hold
  const stand = () => {
    const now = form();
    if (!now) return;
    field("window").value = own;
    version = Math.max(version, Number(field("version").value) || 0);
    known = Math.max(known, Number(field("base").value) || 0);
    if (now.dataset.holder === own && id("call-fields").disabled) {
      id("call-fields").disabled = false;
      id("held")?.remove();
      id("f-words").focus();
    }
  };
  navigator.locks?.request(`desk-${own}`, { ifAvailable: true }, (lock) => {
    if (lock) return new Promise(() => {});
    own = fresh();
    store.set("desk-window", own);
    if (form()) { field("window").value = own; if (form().dataset.holder) location.reload(); }
    return undefined;
  });

  // --- the copy in this tab while the server is away: never a name, a number or an address. It says which saving it
  // was to be, so that it never lies over a later one; and it goes with the session and with the draft (hotline.js)
  let dirty = false; let timer = 0; let running = null; let again = 0; let submitting = false; let isOut = false; let isKept = true;
  const PERSONAL = new Set(["phone", "name", "email", "proxy_name", "about_person", "organisation_code", "address", "photos", "_once", "_token", "version", "base", "window", "risk_words"]);
  const copyKey = () => `draft:${form().dataset.draft}`;
  const copy = () => {
    if (isOut) return;
    const kept = {};
    for (const [name, value] of new FormData(form())) if (typeof value === "string" && value && !PERSONAL.has(name) && !name.startsWith("_")) kept[name] = value;
    if (kept.words || kept.place || kept.matter_q) store.set(copyKey(), JSON.stringify({ person: form().dataset.person, at: Date.now(), saving: version + (dirty ? 1 : 0), known, kept }));
  };
  const copied = (key) => { try { return JSON.parse(store.get(key)) || {}; } catch { return {}; } };
  const tell = (text, is) => {
    const place = id("r-draft");
    if (!place) return;
    place.replaceChildren(Object.assign(document.createElement("p"), { className: is || "hint", textContent: text }));
  };
  const put = (name, value) => {
    const target = field(name);
    if (!target) return false;
    if (target instanceof RadioNodeList || target.type === "radio") {
      const one = document.querySelector(`#call input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
      if (one && !one.checked) { one.checked = true; return true; }
      return false;
    }
    if (target.type === "checkbox") { const was = target.checked; target.checked = true; return !was; }
    if (target.type === "hidden" || target.value === value) return false;
    target.value = value;
    return true;
  };
  const note = (text) => {
    id("flash")?.replaceChildren(Object.assign(document.createElement("div"), { className: "flash flash-note", textContent: text }));
    alert(text);
  };
  // which copy belongs here: that of the draft on this page; on a new form one that the server never got. One that it
  // got in part is opened with what the server has of it; one that it has whole, or that is settled or deleted, goes
  const lying = () => {
    if (store.keys().includes(copyKey())) return copyKey();
    if (new URLSearchParams(location.search).get("draft") || field("words").value || field("call").value) return "";
    const held = new Map(form().dataset.drafts.split(" ").filter(Boolean).map((one) => one.split(":")));
    for (const key of store.keys().filter((one) => one.startsWith("draft:"))) {
      const found = copied(key); const there = held.get(key.slice(6));
      const isNews = there === undefined ? !found.known : Number(there) < found.saving;
      if (found.person === form().dataset.person && isNews) {
        if (there === undefined) return key;
        location.replace(`/desk?draft=${key.slice(6)}`);
        return "";
      }
      store.drop(key);
    }
    return "";
  };
  const restore = () => {
    if (id("call-fields").disabled) return;
    const key = lying();
    if (!key) return;
    const found = copied(key);
    store.drop(key);
    if (found.person !== form().dataset.person) return;
    const at = new Date(found.at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
    if (known >= found.saving) {
      if (found.kept.words && found.kept.words !== field("words").value) note(said(`这个标签页里还有 ${at} 写的另一版，没有覆盖下面后来存的，要用请抄下来：“${found.kept.words}”`, `This tab still had another version, of ${at}. It did not replace the later one below; copy from it what you need: “${found.kept.words}”`));
      return;
    }
    field("draft").value = form().dataset.draft = key.slice(6);
    version = Math.max(version, found.saving || 0);
    const changed = Object.entries(found.kept).filter(([name, value]) => put(name, value));
    if (!changed.some(([name]) => ["words", "place", "matter_q"].includes(name))) return;
    note(said(`断线时（${at}）写的内容已放回来。姓名和号码不存在浏览器里，请核对。`, `What you wrote while the connection was gone (${at}) is back. Names and numbers are not kept in the browser; check them.`));
    dirty = true;
    save();
    field("words").dispatchEvent(new CustomEvent("settled", { bubbles: true }));
  };

  // --- the draft: kept two seconds after a change, when a field is left, and when the page is hidden
  const headers = () => ({ ...JSON.parse(body.getAttribute("hx-headers") || "{}"), "HX-Request": "true", "HX-Target": "r-draft" });
  const answer = async (got) => {
    const page = new DOMParser().parseFromString(await got.text(), "text/html").getElementById("r-draft");
    isKept = Boolean(got.ok && !got.headers.get("HX-Redirect") && page);
    if (isKept) {
      known = Math.max(known, Number(page.dataset.version) || 0);
      version = Math.max(version, known);
      field("version").value = String(version);
      field("base").value = String(known);
      id("r-draft").replaceWith(page);
      store.drop(copyKey());
      const path = got.headers.get("HX-Replace-Url");
      if (path) history.replaceState(history.state, "", path);
      return;
    }
    if (got.status === 404) store.drop(copyKey()); else copy();
    if (got.status === 409 && page) {
      id("r-draft").replaceWith(page);
      id("call-fields").disabled = true;
      id("call-fields").before(page);
      alert(page.textContent.trim());
    } else if (got.status === 404) {
      tell(said("这一通已经登记过，或草稿已删除；到“我登记的”里看。", "This call is logged or its draft is gone; see “Logged by me”."), "error");
    } else {
      tell(said("登录已到期，写的内容留在这个标签页里；重新登录后再打开接听台。", "You were signed out. What you wrote stays in this tab; sign in and open the desk again."), "error");
    }
  };
  const save = async ({ take = false, keepalive = false } = {}) => {
    clearTimeout(timer); timer = 0;
    const now = form();
    if (!now || submitting && !keepalive || id("call-fields").disabled && !take) return;
    if (running && !keepalive) { await running; if (!dirty) return; }
    dirty = false;
    version += 1;
    field("version").value = String(version);
    field("base").value = String(known);
    const number = version;
    const data = new FormData(now);
    data.delete("photos");
    if (take) data.set("take", "yes");
    const sent = fetch("/desk/drafts", { method: "POST", body: new URLSearchParams(data), headers: headers(), keepalive });
    running = sent.then((got) => {
      if (got.status >= 500) throw new Error(String(got.status));
      if (!keepalive || !document.hidden) return answer(got);
      if (got.ok) { known = Math.max(known, number); store.drop(copyKey()); }
      return undefined;
    }).catch(() => {
      if (!form()) return;
      dirty = true;
      isKept = false;
      copy();
      const text = said("连不上服务器，写的内容先留在这个标签页里（不含姓名、号码），连上后自动存。", "No connection. What you wrote stays in this tab (without names and numbers) and is saved once it is back.");
      tell(text, "error");
      alert(text);
      clearTimeout(again);
      again = setTimeout(() => dirty && save(), 3000);
    }).finally(() => { running = null; });
    await running;
  };
  const changed = (wait) => {
    dirty = true;
    if (!timer) timer = setTimeout(save, wait);
  };
  document.addEventListener("input", (event) => { if (event.target.form === form() && form()) changed(2000); });
  document.addEventListener("change", (event) => { if (event.target.form === form() && form()) changed(300); });
  document.addEventListener("focusout", (event) => { if (dirty && form()?.contains(event.target)) save(); });
  const hide = () => { if ((dirty || running) && form() && !submitting) { copy(); save({ keepalive: true }); } };
  document.addEventListener("visibilitychange", () => { if (document.hidden) hide(); });
  addEventListener("pagehide", () => {
    if (!form()) return;
    hide();
    const data = new URLSearchParams({ window: own });
    const token = form().querySelector("input[name^=_]:not([name=_once])");
    if (token) data.set(token.name, token.value);
    navigator.sendBeacon?.(`/desk/drafts/${form().dataset.draft}/leaving`, data);
  });
  // signing out: first what was typed is kept on the server, then nothing of it stays in this tab
  document.addEventListener("submit", async (event) => {
    const leaving = event.target;
    if (leaving.getAttribute("action") !== "/sign-out" || isOut || !form() || !(dirty || running)) return;
    event.preventDefault();
    event.stopPropagation();
    dirty = true;
    await save();
    if (!isKept) return; // it is said why, and the words stay on the page
    isOut = true;
    leaving.requestSubmit();
  }, true);
  document.addEventListener("click", async (event) => {
    if (event.target.id !== "do-take") return;
    id("call-fields").disabled = false;
    await save({ take: true });
    const place = id("r-draft");
    form().querySelector(".call-end").append(place);
    id("f-words").focus();
  });

  // --- a submit whose answer never came is sent again by itself: the draft's number makes both the same message
  let pressed = null; let resend = 0;
  document.addEventListener("submit", (event) => { if (event.target === form()) { pressed = event.submitter; copy(); } }, true);
  body.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt === form()) { submitting = true; clearTimeout(timer); timer = 0; } });
  const failed = (event) => {
    const status = event.detail.xhr?.status || 0;
    if (event.detail.elt !== form() || status && status < 500) return;
    submitting = false;
    const text = said("连不上，写的内容都在，正在自动重发；不会重复登记。", "No connection. Everything is still here and is sent again by itself; nothing is doubled.");
    tell(text, "error");
    alert(text);
    id("flash")?.replaceChildren();
    clearTimeout(resend);
    resend = setTimeout(() => form()?.requestSubmit(pressed?.isConnected ? pressed : undefined), 2000);
  };
  body.addEventListener("htmx:sendError", failed);
  body.addEventListener("htmx:timeout", failed);
  body.addEventListener("htmx:responseError", failed);
  body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.elt !== form()) return;
    const path = event.detail.xhr.getResponseHeader("HX-Redirect");
    if (path && !path.startsWith("/sign-in")) store.drop(copyKey());
    if (!path) submitting = false;
  });

  // --- proposals: Alt+1…5, J and K from anywhere; 1…5 in an empty matter or place field; Enter takes the first
  const choose = (kind, code) => {
    const target = document.querySelector(`[data-${kind}="${CSS.escape(code)}"]`);
    if (!target || target.disabled) return false;
    target.click();
    return true;
  };
  // Alt+K goes to the answers; there a number takes one, m says that it did not help. Before every other key: a bare
  // number elsewhere on this page may be an emergency number's.
  document.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.ctrlKey || event.metaKey) return;
    const place = id("r-answers");
    if (event.altKey && event.code === "KeyK") {
      place?.querySelector("button, input:not([type=hidden])")?.focus();
    } else if (!event.altKey && event.target instanceof HTMLButtonElement && place?.contains(event.target) && /^(Digit\d|KeyM)$/.test(event.code)) {
      choose("answer", event.code);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.ctrlKey || event.metaKey) return;
    const at = event.target;
    if (event.code === "Enter" && at instanceof HTMLInputElement && at.form === form() && form() && !/^(radio|checkbox|file)$/.test(at.type)) {
      event.preventDefault();
      if (at.dataset.choose !== undefined) choose(at.dataset.choose === "place" ? "place" : "alt", "Digit1");
      return;
    }
    if (!/^(Digit[1-5]|KeyJ)$/.test(event.code)) return;
    const isEmpty = at instanceof HTMLInputElement && at.hasAttribute("data-choose") && !at.value && !event.altKey && event.code.startsWith("Digit");
    const kind = isEmpty && at.dataset.choose === "place" ? "place" : "alt";
    if ((event.altKey || isEmpty) && choose(kind, event.code)) event.preventDefault();
  });
  const label = (name) => form()?.querySelector(`input[name=${name}]:checked`)?.closest("label")?.querySelector("span")?.firstChild?.textContent.trim() || "";
  const show = () => {
    const mark = document.querySelector("[data-untouched]")?.value ? said(" 建议", " proposed") : "";
    const matter = label("matter");
    if (id("chosen-matter")) id("chosen-matter").textContent = matter ? matter + mark : "";
    if (id("chosen-place")) id("chosen-place").textContent = field("county")?.value ? "" : label("place_pick");
  };
  let kindTouched = false; let wasSealed = null;
  const isSealed = () => field("kind")?.value === "report" || Boolean(field("is_confidential")?.checked);
  const kind = () => {
    const select = field("kind");
    const code = id("r-proposals")?.dataset.kind;
    if (!select || !code || kindTouched || select.value === code) return;
    select.value = code;
    id("chosen-kind").textContent = said("建议", "proposed");
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.addEventListener("change", (event) => {
    if (event.target.form !== form() || !form()) return;
    if (event.target.name === "kind" && event.isTrusted) { kindTouched = true; id("chosen-kind").textContent = ""; }
    if (wasSealed !== isSealed()) { // a report has no look-alikes and no ready answer: the strips are asked anew
      wasSealed = isSealed();
      field("words")?.dispatchEvent(new CustomEvent("settled", { bubbles: true }));
    }
    show();
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.name !== "matter") return;
    const mark = document.querySelector("[data-untouched]");
    if (mark) mark.value = "";
    show();
  });

  // --- a strip that is being used stands still, and catches up once it is left; a risk that came along is asked for
  let missed = false;
  const askRisk = () => id("risk-ask")?.dispatchEvent(new CustomEvent("asked"));
  body.addEventListener("htmx:beforeSwap", (event) => {
    const place = event.detail.target;
    if (place?.id !== "r-proposals" || !place.contains(document.activeElement)) return;
    event.detail.shouldSwap = false;
    missed = true;
    askRisk();
  });
  body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.pathInfo?.requestPath === "/desk/proposals") askRisk();
  });
  document.addEventListener("focusout", (event) => {
    const place = id("r-proposals");
    if (!missed || !place?.contains(event.target) || place.contains(event.relatedTarget)) return;
    missed = false;
    field("words")?.dispatchEvent(new CustomEvent("settled", { bubbles: true }));
  });
  const emergency = () => {
    const one = id("emergency");
    if (one && !one.dataset.bound) { one.dataset.bound = "yes"; one.addEventListener("toggle", () => { if (one.open) one.querySelector("button")?.focus(); }); }
  };
  body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "r-call" || event.detail.elt?.id === "r-call") { stand(); emergency(); }
    if (id("r-proposals") && /r-(proposals|call)/.test(event.detail.target?.id || event.detail.elt?.id || "")) {
      kind();
      show();
      const say = id("say"); const text = document.querySelector("#r-proposals [data-say]")?.textContent.trim();
      if (say && text && say.textContent !== text) say.textContent = text;
    }
  });
  if (form()) {
    kindTouched = field("kind").value !== "assistance";
    wasSealed = isSealed();
    stand();
    emergency();
    restore();
    show();
  }
})();
