// What changes while one looks comes as server-sent events; without this file a link
// loads the page again.
for (const part of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(part.dataset.live);
  let told = part.querySelector("[data-status]")?.dataset.status;
  source.onmessage = (event) => {
    part.innerHTML = event.data;
    const tells = part.querySelector("[data-status]")?.dataset.status;
    if (tells && tells !== told) document.getElementById("status").textContent = tells;
    told = tells;
  };
  addEventListener("pagehide", () => source.close());
}
