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

// Sources of an answer that are ticked can be asked alone. Gradio draws the conversation anew with each turn.
(() => {
  const ticked = new Map(); // by turn: the articles
  const heard = document.createElement("p");
  heard.id = "only-heard";
  heard.className = "spoken";
  heard.setAttribute("role", "status");
  document.body.append(heard);
  const turnOf = (part) => part.closest(".turn")?.id ?? "";

  function tell(sources) {
    const held = ticked.get(turnOf(sources));
    const boxes = [...sources.querySelectorAll("input[data-pick]")];
    // Another conversation may have come in this one's place, with a turn of the same number.
    for (const one of held ?? []) if (!boxes.some((box) => box.dataset.pick === one)) held.delete(one);
    for (const box of boxes) {
      const is = Boolean(held?.has(box.dataset.pick));
      if (box.checked !== is) box.checked = is;
    }
    const button = sources.querySelector("[data-only]");
    const many = held?.size ?? 0;
    const label = many === 1 ? "Ask only this one" : `Ask only these ${many}`;
    button.hidden = !many;
    button.previousElementSibling.hidden = Boolean(many);
    if (many && button.textContent !== label) button.textContent = label;
  }

  function tellAll() {
    for (const sources of document.querySelectorAll("#conversation .sources")) tell(sources);
  }
  new MutationObserver(tellAll).observe(document.body, { childList: true, subtree: true });

  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.("input[data-pick]")) return;
    const turn = turnOf(target);
    const held = ticked.get(turn) ?? new Set();
    held[target.checked ? "add" : "delete"](target.dataset.pick);
    ticked.set(turn, held);
    tell(target.closest(".sources"));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-only]");
    if (!button) return;
    const turn = turnOf(button);
    const articles = [...(ticked.get(turn) ?? [])];
    if (!articles.length) return;
    document.dispatchEvent(new CustomEvent("choose-articles", { detail: { articles } }));
    const many = articles.length === 1 ? "1 source" : `${articles.length} sources`;
    heard.textContent = `The next question is asked of ${many}.`;
    ticked.delete(turn);
    tell(button.closest(".sources"));
    const box = document.querySelector("#question :is(textarea, input)");
    box?.focus();
    box?.scrollIntoView({ block: "nearest" });
  });
})();
