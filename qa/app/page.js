// Articles open beside the conversation, scrolled to the quote; the newest turn comes into view.
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const reader = document.createElement("dialog");
  reader.className = "reader";
  reader.setAttribute("aria-label", "Article");
  reader.innerHTML =
    '<form method="dialog"><a class="own" target="_blank" rel="noopener">Open on its own page</a>' +
    '<button type="submit">Close</button></form><div class="page"></div>';
  document.body.append(reader);
  reader.addEventListener("click", (event) => event.target === reader && reader.close());

  async function open(address) {
    const response = await fetch(address);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    reader.querySelector(".own").href = address;
    reader.querySelector(".page").replaceChildren(document.importNode(page.querySelector("main"), true));
    reader.showModal();
    const quote = reader.querySelector("#quote");
    if (quote) {
      quote.scrollIntoView({ block: "center" });
      quote.focus({ preventScroll: true });
    } else {
      reader.scrollTop = 0;
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-article]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.href).catch(() => window.open(link.href, "_blank", "noopener"));
  });

  let shown = "";
  new MutationObserver(() => {
    const newest = document.querySelector("#conversation .notice") ?? document.querySelector("#conversation .turn:last-child");
    const state = newest ? newest.id + newest.ariaBusy + newest.className : "";
    if (newest && state !== shown) {
      const block = newest.matches(".notice") ? "nearest" : "start";
      newest.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block });
    }
    shown = state;
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-busy"] });
})();
