// The verifier as it runs in a browser, offline: the same steps and sentences as cases/offline.py.
"use strict";
// KINDS, TEXTS and ENDS stand above: they are put in from cases/offline_says.py.
const SHAPES = [["seq", "hash", "place"], ["seq", "body", "place"], ["seq", "kind", "version", "at", "actor_kind", "parts", "hidden", "texts", "place"]];
const named = (table, name) => (Object.hasOwn(table, name) ? table[name] : [name, name]);
const text = new TextEncoder();
const bytes = (hex) => {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error("hex");
  return Uint8Array.from(hex.match(/../g) || [], (two) => parseInt(two, 16));
};
const hex = (data) => Array.from(new Uint8Array(data), (one) => one.toString(16).padStart(2, "0")).join("");
const sha = async (...parts) => {
  const whole = new Uint8Array(parts.reduce((n, one) => n + one.length, 0));
  let at = 0;
  for (const one of parts) { whole.set(one, at); at += one.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
};
const digest = async (...fields) => hex(await sha(text.encode(JSON.stringify(fields))));

async function commitment(salt, value) {
  const key = await crypto.subtle.importKey("raw", bytes(salt), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return "hmac-sha256:" + hex(await crypto.subtle.sign("HMAC", key, text.encode(value)));
}

async function signatureHolds(publicKey, signature, message) {
  const key = await crypto.subtle.importKey("raw", bytes(publicKey), { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, bytes(signature), bytes(message));
}

async function climbs(leaf, n, size, path, root) {
  let one = leaf, step = 0;
  if (!(Number.isInteger(n) && n >= 0 && n < size)) return false;
  while (size > 1) {
    if ((n ^ 1) < size) {
      if (step >= path.length) return false;
      const other = bytes(path[step++]);
      one = await sha(Uint8Array.of(1), ...(n & 1 ? [other, one] : [one, other]));
    }
    n >>= 1;
    size = (size + 1) >> 1;
  }
  return step === path.length && hex(one) === root;
}

async function eventHash(found, chain, event, before) {
  if ("hash" in event) return event.hash;
  let body = event.body;
  if (body === undefined) {
    const parts = event.parts || [], shown = [];
    if (new Set(parts.map((one) => one.name)).size !== parts.length) found.wrong.push(`第 ${event.seq} 条里有一项写了两次。/ Event ${event.seq} says one thing twice.`);
    for (const one of parts) shown.push(await digest("hotline.part.2", one.blind, one.name, one.value));
    body = await digest("hotline.body.2", event.kind, event.version, event.at, event.actor_kind, ...[...shown, ...(event.hidden || [])].sort());
    await texts(found, event, parts);
  }
  return digest("hotline.event.2", before, chain.case, event.seq, body);
}

async function texts(found, event, parts) {
  const said = Object.fromEntries(parts.map((one) => [one.name, one.value])), given = event.texts || {}, n = event.seq;
  for (const [name, one] of Object.entries(given)) {
    const [zh, en] = named(TEXTS, name), holds = Object.keys(one).sort().join();
    const committed = JSON.parse(said["texts." + name] || "null");
    if (committed === null) found.wrong.push(`第 ${n} 条：多出一段文字“${zh}”。/ Event ${n}: the text “${en}” was added.`);
    else if (!["erased", "salt,value"].includes(holds)) found.wrong.push(`第 ${n} 条的文字“${zh}”多了或少了内容。/ Event ${n}: the text “${en}” holds more or less than it should.`);
    else if (holds === "erased") found.notes.push(`第 ${n} 条的文字“${zh}”已按规则 ${one.erased} 擦除。/ Event ${n}: the text “${en}” was erased under rule ${one.erased}.`);
    else if (committed !== await commitment(one.salt, one.value)) found.wrong.push(`第 ${n} 条：文字“${zh}”被改动。/ Event ${n}: the text “${en}” was changed.`);
  }
  for (const name of Object.keys(said)) {
    const [zh, en] = named(TEXTS, name.slice(6));
    if (name.startsWith("texts.") && !Object.hasOwn(given, name.slice(6))) found.wrong.push(`第 ${n} 条：文字“${zh}”不见了。/ Event ${n}: the text “${en}” is missing.`);
  }
}

async function signed(found, what, one, message, trusted) {
  const known = trusted[one.key];
  if (known === undefined || (one.public !== undefined && one.public !== known)) found.wrong.push(`${what}：签名的密钥 ${one.key} 不是本市公布的。/ signed by key ${one.key}, which the city has not published.`);
  else if (!(await signatureHolds(known, one.signature, message))) found.wrong.push(`${what}：签名不对。/ the signature is wrong.`);
}

const rootHash = (one) => digest("hotline.seal.1", one.prev, one.log, one.no, one.first, one.last, one.root, one.at);

async function publishedOf(found, lines) {
  const by = new Map();
  for (const one of lines) {
    const before = by.get(one.log + one.no);
    if ((before && before.hash !== one.hash) || (await rootHash(one)) !== one.hash) found.wrong.push(`公布的封签 ${one.log} 第 ${one.no} 号有两种，或被改动。/ Published root ${one.log} no. ${one.no} has two forms, or was changed.`);
    if (!before) by.set(one.log + one.no, one);
  }
  for (const one of by.values()) {
    const last = by.get(one.log + (one.no - 1));
    if (last && (last.hash !== one.prev || last.last + 1 !== one.first)) found.wrong.push(`公布的封签 ${one.log} 第 ${one.no} 号接不上前一号。/ Published root ${one.log} no. ${one.no} does not follow the one before.`);
  }
  return by;
}

async function rootsOf(found, proof, published, trusted) {
  const known = await publishedOf(found, published || []), good = new Map();
  for (const one of proof.roots) {
    const what = `封签 / root ${one.log} ${one.no}`;
    if ((await rootHash(one)) !== one.hash) {
      found.wrong.push(`${what}：内容被改动。/ its content was changed.`);
      continue;
    }
    await signed(found, what, one, one.hash, trusted);
    if (published && known.get(one.log + one.no)?.hash !== one.hash) found.wrong.push(`${what}：不在给出的公布封签之中，或与之不同。/ not among the published roots that were given, or another.`);
    good.set(one.log + one.no, one);
  }
  return good;
}

async function chainOf(found, chain, proof, roots, trusted) {
  const hashes = [];
  let before = "00".repeat(32), sealedTo = 0, expected = 0, old = 0;
  for (const event of chain.events) {
    expected += 1;
    if (event.seq !== expected) {
      found.wrong.push(event.seq > expected ? `第 ${expected} 条不见了。/ Event ${expected} is missing.` : `第 ${expected} 条之前多出了一条。/ An event was added before event ${expected}.`);
      return hashes;
    }
    if (!SHAPES.some((shape) => Object.keys(event).every((name) => shape.includes(name)))) { found.wrong.push(`第 ${expected} 条里有指纹没有包括的内容。/ Event ${expected} holds something that its fingerprint does not cover.`); return hashes; }
    if ("hash" in event && (old < hashes.length || !event.place)) { found.wrong.push(`第 ${expected} 条只有哈希，接不上它以前的。/ Event ${expected} is a hash only and is not tied to those before it.`); return hashes; }
    before = await eventHash(found, chain, event, before);
    hashes.push(before);
    if ("hash" in event) old += 1;
    if (event.place) {
      const root = roots.get(event.place.log + event.place.seal);
      if (!root) { found.wrong.push(`第 ${expected} 条：它的封签不在凭证里，或不可信。/ Event ${expected}: its root is not in the proof, or cannot be trusted.`); return hashes; }
      const leaf = await sha(Uint8Array.of(0), bytes(before));
      if (!(await climbs(leaf, event.place.position - root.first, root.last - root.first + 1, event.place.path, root.root))) {
        found.wrong.push(`第 ${expected} 条与封签不符：这一条或它以前的，有改动、缺少或增加。/ Event ${expected} is not what was sealed: it, or one before it, was changed, removed or added.`);
        return hashes;
      }
      sealedTo = expected;
    }
    found.lines.push(event);
  }
  if (chain.events.length !== chain.last_seq) found.wrong.push(`应有 ${chain.last_seq} 条，实有 ${chain.events.length} 条。/ There should be ${chain.last_seq} events; there are ${chain.events.length}.`);
  else if (before !== chain.last_hash) found.wrong.push("最后几条与热线签名的不符：有改动、缺少或增加。/ The last events are not those that the city signed: changed, removed or added.");
  const head = await digest("hotline.head.1", chain.case, proof.number, chain.last_seq, chain.last_hash, chain.signed.at);
  await signed(found, "记录的末尾 / the end of the history", chain.signed, head, trusted);
  const tail = chain.events.length - sealedTo;
  const ages = chain.events.slice(sealedTo).filter((one) => one.at).map((one) => new Date(chain.signed.at) - new Date(one.at));
  if (ages.some((age) => age > 600000)) found.doubts.push("其中有的十分钟前就该封了，还不能算证明了，请向热线询问。/ Some should have been sealed long ago and are not proven: ask the hotline why.");
  if (!old) erased(found, chain);
  if (tail) found.notes.push(`最后 ${tail} 条还没有封签（一分钟内会封），过后请再下载一份。/ The last ${tail} are not sealed yet (it takes up to a minute); download the proof again later.`);
  if (old) found.notes.push(`${old} 条记录早于现在的格式：位置可证，内容不在凭证里。/ ${old} events are older than this format: their place is proven, their content is not here.`);
  return hashes;
}

function erased(found, chain) {
  const rules = chain.events.filter((one) => one.kind === "erased").flatMap((one) => one.parts).filter((one) => one.name === "rule").map((one) => JSON.parse(one.value));
  for (const event of chain.events) {
    if (Object.values(event.texts || {}).some((one) => one.erased !== undefined && !rules.includes(one.erased))) found.wrong.push(`第 ${event.seq} 条的文字说是擦除了，记录里却没有擦除这一步。/ Event ${event.seq}: a text is said to be erased, but no event erased it.`);
  }
}

function joins(found, chain, ends) {
  for (const event of chain.events) {
    if (event.kind !== "merged" && event.kind !== "unmerged") continue;
    const said = Object.fromEntries(event.parts.map((one) => [one.name, JSON.parse(one.value)])), other = ends.get(event.kind === "merged" ? said.into : said.parent);
    if (!other) found.wrong.push(`第 ${event.seq} 条说并到了另一件，那一件的记录不在凭证里。/ Event ${event.seq} names another case, whose history is not here.`);
    else if (other[said.seq - 1] !== said.hash) found.wrong.push(`另一件的第 ${said.seq} 条不是并案时的那一条。/ Event ${said.seq} of the other case is not what it was then.`);
  }
}

async function check(proof, published, keys, earlier) {
  const found = { wrong: [], doubts: [], notes: [], lines: [], asOf: "" };
  try {
    if (proof.format !== "hotline.proof.1") { found.wrong.push("这不是办理记录的凭证，或版本不认识。/ This is no proof, or of a later version."); return found; }
    let trusted = keys && Object.keys(keys).length ? keys : Object.fromEntries((published || []).filter((one) => one.public).map((one) => [one.key, one.public]));
    if (!Object.keys(trusted).length) {
      trusted = proof.keys;
      found.doubts.push(`没有另给公钥，用的是凭证自带的，谁都可以造一份。请另给公布的公钥或封签；自带的是：${Object.entries(trusted).map((one) => one.join("：")).join("；")}/ No public key was given; the proof’s own were used, and anybody can make such a proof. Give the published keys or roots too.`);
    }
    if (!published) found.notes.push("没有给出公布的封签，未与之核对。/ No published roots were given to compare with.");
    const roots = await rootsOf(found, proof, published, trusted), ends = new Map();
    found.asOf = `${proof.number}，截至 / as of ${new Date(proof.made_at).toLocaleString("zh-CN")}`;
    if (proof.chains.some((one) => one.signed.at !== proof.made_at)) found.wrong.push("热线签名的时间不是凭证写的时间，或几份凭证拼在了一起。/ It was not signed when it says, or is put together from several proofs.");
    for (const chain of proof.chains) {
      if (ends.has(chain.case)) found.wrong.push("同一件事写了两次。/ One case is in the proof twice.");
      ends.set(chain.case, await chainOf(found, chain, proof, roots, trusted));
    }
    for (const chain of proof.chains) joins(found, chain, ends);
    if (!proof.chains.length) found.wrong.push("凭证里一条记录也没有。/ There is not one event in the proof.");
    for (const chain of earlier ? earlier.chains : []) {
      let before = "00".repeat(32);
      const now = ends.get(chain.case) || [];
      for (const event of chain.events) {
        before = await eventHash({ wrong: [], doubts: [], notes: [], lines: [] }, chain, event, before);
        if (now[event.seq - 1] !== before) { found.wrong.push(`第 ${event.seq} 条与以前的凭证不同，或不见了。/ Event ${event.seq} is not what an earlier proof says, or is gone.`); break; }
      }
    }
  } catch (error) {
    if (error.name === "NotSupportedError") found.wrong.push("这个浏览器不会查验签名（Ed25519），请换新版浏览器或用 Python 版。/ This browser cannot check signatures (Ed25519): use a newer one, or the Python verifier.");
    else found.wrong.push(`文件不完整或格式不对（${error.name}）。/ The file is damaged or misshapen (${error.name}).`);
  }
  return found;
}

function show(found) {
  const put = (id, rows) => document.getElementById(id).replaceChildren(...rows.map((one) => { const li = document.createElement("li"); li.append(...[one].flat()); return li; }));
  const verdict = document.getElementById("verdict");
  const code = found.wrong.length ? 1 : found.doubts.length ? 3 : 0;
  verdict.className = { 0: "good", 1: "bad", 3: "open" }[code];
  verdict.textContent = ENDS[code];
  document.getElementById("as-of").textContent = found.asOf;
  put("problems", [...found.wrong, ...found.doubts.map((one) => `? ${one}`)]);
  put("notes", found.notes);
  put("lines", found.lines.map((event) => {
    if (!event.kind) return "（内部记录，只有指纹）/ (internal, its fingerprint only)";
    const quotes = Object.values(event.texts || {}).filter((one) => one.value && !one.erased).map((one) => { const q = document.createElement("q"); q.textContent = one.value; return q; });
    return [`${new Date(event.at).toLocaleString("zh-CN")}  ${named(KINDS, event.kind).join(" / ")}`, ...quotes];
  }));
}

async function run() {
  const read = async (id) => { const file = document.getElementById(id).files[0]; return file ? file.text() : null; };
  const [proof, roots, keys, earlier] = await Promise.all(["proof", "roots", "keys", "earlier"].map(read));
  if (proof === null) return;
  try {
    if (!crypto.subtle) throw new Error("subtle");
    const parsed = [JSON.parse(proof), roots && roots.split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line)), keys && JSON.parse(keys), earlier && JSON.parse(earlier)];
    show(await check(...parsed));
  } catch (error) {
    show({ doubts: [], asOf: "", wrong: [error instanceof SyntaxError ? "选的文件不是 JSON。/ A chosen file is not JSON." : "请把这一页存到本机再打开。/ Save this page and open it from your device."], notes: [], lines: [] });
  }
}

for (const id of ["proof", "roots", "keys", "earlier"]) document.getElementById(id).addEventListener("change", run);
