// At a source: its sentence amid its neighbours.
(() => {
  const SHOW_MS = 250; // a pointer that only passes asks for nothing
  const HIDE_MS = 150; // the pointer may go over to the preview
  const card = document.createElement("div");
  card.className = "preview";
  card.id = "preview";
  card.hidden = true;
  card.setAttribute("role", "tooltip");
  document.body.append(card);

  let shown = null;
  let waiting = 0; // to show one, or to hide it

  const part = (text, name) => {
    const element = document.createElement(name);
    element.dir = "auto";
    element.textContent = text;
    return element;
  };

  function place() {
    const at = shown.getBoundingClientRect();
    const left = Math.min(at.left, innerWidth - card.offsetWidth - 16);
    const under = at.bottom + 6;
    const fits = under + card.offsetHeight < innerHeight - 8 || at.top < card.offsetHeight + 14;
    card.style.left = `${Math.max(16, left)}px`;
    card.style.top = `${fits ? under : at.top - card.offsetHeight - 6}px`;
  }

  function show(link) {
    clearTimeout(waiting);
    if (shown === link) return;
    hide();
    shown = link;
    const { before, sentence, after } = link.dataset;
    const parts = [before && part(before, "bdi"), part(sentence, "b"), after && part(after, "bdi")];
    card.replaceChildren(...parts.filter(Boolean).flatMap((one) => [one, " "]));
    card.hidden = false;
    card.scrollTop = 0;
    link.setAttribute("aria-describedby", card.id);
    place();
  }

  function hide() {
    clearTimeout(waiting);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    card.hidden = true;
  }

  const source = (event) => event.target.closest?.(":is(.turn, .survey) a.source[data-sentence]");
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(hide, HIDE_MS);
  };
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const link = source(event);
    if (link && link !== shown) {
      clearTimeout(waiting);
      waiting = setTimeout(show, SHOW_MS, link);
    } else if (link || card.contains(event.target)) clearTimeout(waiting);
    else if (shown !== document.activeElement) later();
  });
  document.addEventListener("focusin", (event) => {
    const link = source(event);
    if (link?.matches(":focus-visible")) show(link);
    else if (shown) hide();
  });
  document.addEventListener("focusout", (event) => source(event) === shown && later());
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("click", (event) => {
    if (!card.contains(event.target)) hide();
  });
  for (const name of ["scroll", "resize"]) {
    addEventListener(name, ({ target }) => shown && target !== card && (shown.isConnected ? place() : hide()), true);
  }
})();
