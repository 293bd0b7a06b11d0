// Things of an answer are kept: from a menu of the turn, from a card, from the article where it is quoted.
(() => {
  const menu = document.createElement("dialog");
  menu.className = "keeping";
  menu.setAttribute("aria-labelledby", "keeping-title");
  menu.innerHTML =
    '<form method="dialog"><h2 id="keeping-title">Keep in notebook</h2><button>Close</button></form>' +
    '<div class="offers"></div><p class="ways"><a href="notebook">Open the notebook</a></p>';
  document.body.append(menu);
  menu.addEventListener("click", (event) => event.target === menu && menu.close());
  const heard = document.createElement("p");
  heard.className = "spoken";
  heard.id = "kept-heard";
  heard.setAttribute("role", "status");
  document.body.append(heard);

  const here = () => Boolean(document.querySelector("#keeper"));
  const kept = new Map(); // by the name of a part in the page: whether it is in the notebook
  const failed = new Map(); // why not, as it was last told
  const quote = document.createElement("button"); // in the article that stands beside the page
  quote.type = "button";
  quote.className = "keep";
  let place = null; // { item, article, start, end }: the quote that the article is opened at

  const isMenu = (item) => /^turn-\d+$/.test(item);
  const send = (detail) => document.dispatchEvent(new CustomEvent("keep", { detail }));

  // Gradio draws the conversation anew with each turn.
  function mark(button) {
    const item = button.dataset.keep;
    if (isMenu(item)) button.setAttribute("aria-haspopup", "dialog");
    else {
      const pressed = kept.get(item) ?? "kept" in button.dataset;
      const said = failed.get(item) ?? (pressed ? "Kept in notebook" : button === quote ? "Keep this quote" : "Keep in notebook");
      if (button.getAttribute("aria-pressed") !== String(pressed)) button.setAttribute("aria-pressed", String(pressed));
      if (button.textContent !== said) button.textContent = said;
    }
    if (!button.classList.contains("may")) button.classList.add("may");
  }
  function markAll() {
    if (here()) for (const button of document.querySelectorAll("button[data-keep]")) mark(button);
  }
  new MutationObserver(markAll).observe(document.body, { childList: true, subtree: true });

  const name = ({ item, article, start, end }) => (article ? `${item} ${article} ${start} ${end}` : item);

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("a[data-article]");
      if (!link) return;
      const turn = link.matches(".turn a.source") ? link.closest(".turn").id : "";
      const address = new URL(link.href);
      const [start, end] = ["start", "end"].map((one) => Number(address.searchParams.get(one)));
      place = null;
      quote.remove();
      if (!here() || !turn || !end || address.searchParams.has("beside")) return;
      const article = decodeURIComponent(address.pathname.split("/article/")[1]);
      place = { item: `${turn}-at`, article, start, end };
      quote.dataset.keep = name(place);
      document.querySelector("dialog.reader form").prepend(quote);
      mark(quote);
    },
    true,
  );

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-keep], dialog.keeping button[data-item]");
    if (!button) return;
    const item = button.dataset.keep ?? button.dataset.item;
    const keep = button.getAttribute("aria-pressed") !== "true";
    failed.delete(item);
    if (button === quote) send({ ...place, keep });
    else send(isMenu(item) ? { item } : { item, keep });
  });

  document.addEventListener("kept", ({ detail }) => {
    const shown = document.activeElement?.dataset?.item;
    for (const [item, is] of Object.entries(detail.kept ?? {})) kept.set(item, is);
    if (place && detail.item === place.item) kept.set(name(place), detail.kept?.[place.item] ?? false);
    if (detail.failed && !isMenu(detail.item)) {
      failed.set(detail.item === place?.item ? name(place) : detail.item, detail.said);
    }
    if (detail.menu && (isMenu(detail.item) || menu.open)) {
      menu.querySelector(".offers").innerHTML = detail.menu;
      if (!menu.open) menu.showModal();
      menu.querySelector(`[data-item="${shown}"]`)?.focus();
    } else if (detail.failed && menu.open) {
      menu.querySelector(".said").textContent = detail.said;
    }
    heard.textContent = detail.said ?? "";
    markAll();
  });
})();

// The page of the notebook: its buttons, the keys that move, and the notes that are being written.
window.whosaysNotebook = (element, send) => {
  const drafts = new Map(); // what is typed and not saved, by clipping; "" is a new note
  let focused = null; // where the focus goes on once all is drawn anew
  let writing = null; // where a note is being typed: the cursor stays in it
  let presses = 0; // of two that are alike, sent in a row, each is meant

  const idOf = (part) => part.closest("li[data-id]")?.dataset.id ?? "";
  const item = (id) => element.querySelector(`li[data-id="${CSS.escape(id)}"]`);

  function form(id, text, most, label) {
    const made = document.createElement("form");
    made.className = "note-form";
    made.innerHTML =
      '<textarea rows="4" dir="auto"></textarea><p><button>Save</button><button type="button">Cancel</button></p>';
    const input = made.querySelector("textarea");
    input.maxLength = most;
    input.value = text;
    input.setAttribute("aria-label", label);
    const grow = () => {
      input.style.height = "auto";
      input.style.height = `${input.scrollHeight + 4}px`;
    };
    input.addEventListener("input", () => {
      drafts.set(id, { ...drafts.get(id), text: input.value });
      grow();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") cancel(id);
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) made.requestSubmit();
      event.stopPropagation(); // the keys that move clippings move the cursor here
    });
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      const { before } = drafts.get(id);
      if (input.value.trim() === before.trim()) return cancel(id);
      drafts.get(id).sent = input.value;
      focused = id ? `li[data-id="${CSS.escape(id)}"] [data-do="edit"]` : ".clippings > li:last-child";
      send(id ? { do: "comment", id, text: input.value } : { do: "add", text: input.value });
    });
    made.querySelector("button[type=button]").addEventListener("click", () => cancel(id));
    requestAnimationFrame(grow);
    return made;
  }

  function open(id, focus) {
    const { text, most, label } = drafts.get(id);
    const held = id ? item(id)?.querySelector(".beside") : element.querySelector(".writing");
    if (!held) return drafts.delete(id);
    if (!held.querySelector("form")) held.append(form(id, text, most, label));
    held.classList.add("editing");
    if (focus) held.querySelector("textarea").focus();
  }

  function close(id) {
    const held = id ? item(id)?.querySelector(".beside") : element.querySelector(".writing");
    held?.classList.remove("editing");
    held?.querySelector("form")?.remove();
    drafts.delete(id);
  }

  function cancel(id) {
    close(id);
    const back = id ? item(id)?.querySelector('[data-do="edit"]') : element.querySelector('[data-do="write"]');
    back?.focus();
  }

  function act(way, id) {
    focused = { remove: `li[data-id="${CSS.escape(id)}"] [data-do="restore"]` }[way] ?? `li[data-id="${CSS.escape(id)}"]`;
    if (way === "up" || way === "down") {
      const held = document.activeElement?.closest?.("button[data-do]");
      if (held) focused += ` [data-do="${way}"]`;
    }
    send({ do: way, id, press: (presses += 1) });
  }

  element.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (!button || button.ariaDisabled === "true") return;
    const way = button.dataset.do;
    const id = idOf(button);
    if (way === "print") return print();
    if (way === "write" || way === "edit") {
      const text = button.dataset.note ?? "";
      const label = way === "edit" ? button.getAttribute("aria-label") : "A new note";
      if (!drafts.has(id)) drafts.set(id, { text, before: text, most: Number(button.dataset.most || 4000), label });
      return open(id, true);
    }
    act(way, id);
  });

  element.addEventListener("keydown", (event) => {
    const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    const held = event.target.closest("li.clipping[data-id]");
    if (!way || !event.altKey || event.ctrlKey || event.metaKey || !held) return;
    event.preventDefault();
    const button = held.querySelector(`[data-do="${way}"]`);
    if (button && button.ariaDisabled !== "true") act(way, held.dataset.id);
  });

  document.addEventListener("focusin", ({ target }) => {
    writing = target.matches(".note-form textarea") ? { id: idOf(target), input: target } : null;
    if (writing) focused = null;
  });

  addEventListener("beforeunload", (event) => {
    const unsaved = [...drafts.values()].some(({ text, before }) => text.trim() !== before.trim());
    if (unsaved && element.isConnected) event.preventDefault();
  });

  // On paper all is open.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...element.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });

  return {
    drawn() {
      const { id: typed, input } = writing ?? {};
      for (const [id, draft] of [...drafts]) {
        const now = id ? item(id)?.querySelector('[data-do="edit"]')?.dataset.note : undefined;
        // What was sent stands there by now; a note that was refused stays open.
        const saved = id ? now !== undefined && now === draft.sent?.trim() : draft.sent !== undefined && isAdded(draft.sent);
        if (saved) close(id);
        else open(id, id === typed);
      }
      if (input && !input.isConnected) writing?.input.setSelectionRange(input.selectionStart, input.selectionEnd);
      if (!focused) return;
      const next = element.querySelector(focused);
      if (next) {
        next.focus({ preventScroll: true });
        next.closest("li")?.scrollIntoView({ block: "nearest" });
      }
      focused = null;
    },
  };

  function isAdded(text) {
    const last = [...element.querySelectorAll("li.is-note [data-do=edit]")].at(-1);
    return last?.dataset.note === text.trim();
  }
};
