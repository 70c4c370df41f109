// Copying, and what is said and where the focus goes when htmx has changed a part
// of the page. Without this file everything still works.
(() => {
  "use strict";
  const ready = (root) => {
    for (const button of root.querySelectorAll("button[data-copy]")) button.hidden = !navigator.clipboard;
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    say(button.dataset.copied);
    const label = button.dataset.label || (button.dataset.label = button.textContent);
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 2000);
  });
  const say = (text) => {
    document.getElementById("status").textContent = text;
  };
  // A fragment tells in data-status what there is to hear.
  document.addEventListener("htmx:afterSwap", (event) => {
    ready(event.target);
    const told = event.target.querySelector("[data-status]");
    if (told) say(told.dataset.status);
  });
  ready(document);
  // After a form that failed, the focus is where the trouble is.
  const wrong = document.querySelector("[data-focus]");
  if (wrong) wrong.focus();
})();
