// Articles open beside the page, alone or two at once, scrolled to the quote.
// One that an answer quotes stands beside the answer where there is room, and leaves it readable.
(() => {
  const wide = matchMedia("(min-width: 1200px)");
  const reader = document.createElement("dialog");
  reader.className = "reader";
  reader.innerHTML =
    '<form method="dialog"><a class="own" target="_blank" rel="noopener">Open on its own page</a>' +
    '<button type="submit">Close</button></form><div class="page"></div>';
  document.body.append(reader);
  reader.addEventListener("click", (event) => event.target === reader && !beside() && reader.close());

  let opener = null;
  const beside = () => reader.classList.contains("beside");
  const at = () => {
    const quotes = [...reader.querySelectorAll("mark[id]")];
    for (const quote of quotes) quote.scrollIntoView({ block: "center" });
    return quotes[0];
  };

  // Beside an answer it is a part of the page, elsewhere it is before it.
  function show(kept) {
    if (reader.open && beside() === kept) return;
    if (reader.open) reader.close();
    reader.classList.toggle("beside", kept);
    if (kept) reader.show();
    else reader.showModal();
  }

  reader.addEventListener("close", () => {
    if (reader.open) return; // it only changed its place
    // By itself the browser goes back to where the first of several articles was opened.
    const held = document.activeElement;
    const ours = held === document.body || reader.contains(held) || held.matches("a[data-article]");
    if (ours) opener?.focus({ preventScroll: true });
    opener = null;
  });

  async function open(link) {
    const address = link.href;
    const response = await fetch(address);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const main = document.importNode(page.querySelector("main"), true);
    const pair = main.matches(".pair");
    reader.classList.toggle("wide", pair);
    reader.classList.toggle("quoted", Boolean(link.closest(".turn")) && !pair);
    reader.setAttribute("aria-label", pair ? "Two articles" : "Article");
    reader.querySelector(".own").href = address;
    reader.querySelector(".page").replaceChildren(main);
    show(wide.matches && reader.classList.contains("quoted"));
    opener = link;
    reader.scrollTop = 0;
    at()?.focus({ preventScroll: true });
  }

  wide.addEventListener("change", () => {
    if (!reader.open) return;
    show(wide.matches && reader.classList.contains("quoted"));
    at()?.focus({ preventScroll: true });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && reader.open && beside()) reader.close();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-article]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link).catch(() => window.open(link.href, "_blank", "noopener"));
  });
})();

// The window is named by the place, which Gradio names "Whosays" wherever it is.
(() => {
  function name() {
    const here = document.querySelector(".pages a[aria-current]");
    const place = here && `${here.textContent} - Whosays`;
    if (here && document.title !== place) document.title = place;
  }
  new MutationObserver(name).observe(document.documentElement, { childList: true, subtree: true });
})();
