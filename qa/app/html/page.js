// Articles open beside the page, alone or two at once, scrolled to the quote.
(() => {
  const reader = document.createElement("dialog");
  reader.className = "reader";
  reader.innerHTML =
    '<form method="dialog"><a class="own" target="_blank" rel="noopener">Open on its own page</a>' +
    '<button type="submit">Close</button></form><div class="page"></div>';
  document.body.append(reader);
  reader.addEventListener("click", (event) => event.target === reader && reader.close());

  async function open(address) {
    const response = await fetch(address);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const main = document.importNode(page.querySelector("main"), true);
    const pair = main.matches(".pair");
    reader.classList.toggle("wide", pair);
    reader.setAttribute("aria-label", pair ? "Two articles" : "Article");
    reader.querySelector(".own").href = address;
    reader.querySelector(".page").replaceChildren(main);
    if (!reader.open) reader.showModal();
    reader.scrollTop = 0;
    const quotes = [...main.querySelectorAll("mark[id]")];
    for (const quote of quotes) quote.scrollIntoView({ block: "center" });
    quotes[0]?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-article]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.href).catch(() => window.open(link.href, "_blank", "noopener"));
  });
})();
