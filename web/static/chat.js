// The chat's log shows its end; Enter sends, Shift+Enter is a new line. Every act works without this file.
"use strict";
(() => {
  const down = () => document.querySelectorAll(".chat-log").forEach((log) => { log.scrollTop = log.scrollHeight; });
  down();
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target instanceof Element && (event.target.querySelector(".chat-log") || event.target.closest("#r-chat, #r-beside"))) down();
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.isComposing) return;
    if (!(box instanceof HTMLTextAreaElement) || !box.closest("#chat-say")) return;
    event.preventDefault();
    if (box.value.trim()) box.form.requestSubmit(document.getElementById("chat-send"));
  });
})();
