// The keys of the suggestions under the search field: down and up go through them,
// escape goes back to the field and closes them. Enter in the field searches; a
// suggestion is a link.
(() => {
  "use strict";
  const closed = (box) => box.replaceChildren();
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("form.search");
    if (!form || event.isComposing) return;
    const field = form.elements.q;
    const box = document.getElementById("suggestions");
    const stops = [field, ...box.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    if (event.key === "Escape" && box.firstChild) {
      closed(box);
      field.focus();
    } else if (event.key === "ArrowDown" && at >= 0 && at + 1 < stops.length) {
      stops[at + 1].focus();
    } else if (event.key === "ArrowUp" && at > 0) {
      stops[at - 1].focus();
    } else return;
    event.preventDefault();
  });
  // They close when the focus leaves the form, and when nothing is typed.
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest("form.search");
    if (form && event.relatedTarget && !form.contains(event.relatedTarget)) closed(document.getElementById("suggestions"));
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("form.search")) document.querySelectorAll(".suggestions").forEach(closed);
  });
})();
