// The conversation: the newest turn comes into view, with the stage its answer has come to; what can be done with it.
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const box = () => document.querySelector("#question textarea, #question input");
  const heading = (turn) => turn?.querySelector(".question");

  // Gradio draws the conversation anew with each turn: what had the focus and what stood open is found again.
  let shown = new Map();
  let asked = "";
  const ANY = "the turn that comes next";
  let unfolded = new Set();
  const fold = (details) => {
    const turn = details.closest(".turn");
    return `${turn?.id} ${[...(turn?.querySelectorAll("details") ?? [])].indexOf(details)}`;
  };
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.isConnected && target.closest("#conversation")) {
        unfolded[target.open ? "add" : "delete"](fold(target));
      }
    },
    true,
  );

  // Only a stage that lasts is read out: most pass faster than they can be said.
  const LASTING_MS = 500;
  const reached = new Map();
  let saying = 0;
  function progress(conversation) {
    const busy = [...conversation.querySelectorAll(".turn[aria-busy]")];
    const told = document.querySelector("#progress [data-turn]")?.dataset;
    for (const turn of busy) {
      const queued = turn.querySelector(".queued");
      const place = turn.id === told?.turn && told.queued ? `${told.queued}.` : "";
      if (queued && queued.textContent !== place) {
        queued.textContent = place;
        if (place) say(place);
      }
      if (turn.id === told?.turn && told.reached && reached.get(turn.id) !== told.reached) {
        reached.set(turn.id, told.reached);
        clearTimeout(saying);
        saying = setTimeout(say, LASTING_MS, `${told.reached}…`);
      }
      const steps = [...turn.querySelectorAll("[data-stage]")];
      const now = steps.findIndex((step) => step.dataset.stage === reached.get(turn.id));
      steps.forEach((step, at) => {
        step.classList.toggle("done", at < now);
        if (at === now && !step.hasAttribute("aria-current")) step.setAttribute("aria-current", "step");
        if (at !== now) step.removeAttribute("aria-current");
      });
    }
    for (const id of reached.keys()) {
      if (busy.some((turn) => turn.id === id)) continue;
      reached.delete(id);
      clearTimeout(saying);
      say("");
    }
  }

  // Whoever comes here comes to ask. Where a finger types, the focus would bring up the keyboard unasked.
  const typing = matchMedia("(hover: hover) and (pointer: fine)");
  let greeted = false;
  function greet() {
    if (greeted || !box()) return;
    greeted = true;
    if (typing.matches && document.activeElement === document.body) box().focus({ preventScroll: true });
  }

  // A question of which nothing is heard: what is said of it waits until something else is asked of the server.
  // What is asked may be lost in the same way, so it is asked again.
  const UNHEARD_MS = 3000;
  const MOST_NUDGES = 10;
  let unheard = 0;
  function sent() {
    clearInterval(unheard);
    let nudges = 0;
    unheard = setInterval(() => {
      document.querySelector("#nudge")?.click();
      if (++nudges === MOST_NUDGES) clearInterval(unheard);
    }, UNHEARD_MS);
  }
  document.addEventListener(
    "keydown",
    ({ key, shiftKey, target }) => key === "Enter" && !shiftKey && target === box() && target.value.trim() && sent(),
    true,
  );

  // A question stays in the box until its turn stands in the conversation. Then it goes, and what was typed behind it
  // meanwhile stays: the server may be busy, and would take away what it never saw.
  let mine = "";
  // Gradio reads the box a moment after it was sent: a letter typed at once would be asked, too.
  let pressed = null;
  const press = () => (pressed = box()?.value ?? null);
  document.addEventListener(
    "keydown",
    ({ key, shiftKey, isComposing, target }) => key === "Enter" && !shiftKey && !isComposing && target === box() && press(),
    true,
  );
  document.addEventListener("click", ({ target }) => target.closest?.("#send") && press(), true);
  document.addEventListener("question-sent", ({ detail }) => {
    if (pressed !== null) detail[0] = pressed;
    pressed = null;
    mine = detail[0] ?? "";
  });
  function takeUp() {
    const field = box();
    const typed = field?.value ?? "";
    if (mine && typed.startsWith(mine)) {
      const at = Math.max(0, field.selectionStart - mine.length);
      field.value = typed.slice(mine.length);
      field.setSelectionRange(at, at);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    mine = "";
  }

  new MutationObserver(() => {
    const conversation = document.querySelector("#conversation");
    if (!conversation) return;
    greet();
    progress(conversation);
    const turns = [...conversation.querySelectorAll(".turn")];
    const notice = conversation.querySelector(".notice");
    const now = new Map(turns.map((turn) => [turn.id, turn.ariaBusy === "true"]));
    const changed = turns.filter((turn) => now.get(turn.id) !== shown.get(turn.id)).at(-1);
    const news = notice && !notice.dataset.seen ? notice : changed;
    if (turns.some((turn) => !shown.has(turn.id))) takeUp();
    for (const details of unfolded.size ? conversation.querySelectorAll("details:not([open])") : []) {
      if (unfolded.has(fold(details))) details.open = true;
    }
    if (notice) notice.dataset.seen = "true";
    if (news) {
      clearInterval(unheard);
      // An article that stands beside an earlier answer makes room.
      if (news.ariaBusy === "true") document.querySelector("dialog.beside[open]")?.close();
      const block = news === notice ? "nearest" : "start";
      news.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block });
    }
    if (asked === ANY && changed?.ariaBusy === "true") asked = changed.id;
    if (asked && document.activeElement === document.body) {
      heading(document.getElementById(asked))?.focus({ preventScroll: true });
    }
    if (asked && now.get(asked) === false && shown.get(asked) === true) asked = "";
    shown = now;
    if (!turns.length) unfolded = new Set();
  }).observe(document.body, {
    childList: true,
    subtree: true,
    // Gradio changes what stands there where it can, rather than put it anew.
    attributeFilter: ["aria-busy", "aria-current", "data-queued", "data-reached", "data-turn"],
  });

  async function copy(text) {
    // Only pages that come over https or from this machine may use the clipboard itself.
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const held = document.createElement("textarea");
    held.value = text;
    held.className = "spoken";
    document.body.append(held);
    held.select();
    const done = document.execCommand("copy");
    held.remove();
    if (!done) throw new Error("the browser does not let this page copy");
  }

  const heard = document.createElement("p");
  heard.className = "spoken";
  heard.setAttribute("role", "status");
  document.body.append(heard);
  const say = (text) => (heard.textContent = text);

  async function copied(button, text) {
    const before = (button.dataset.label ??= button.textContent);
    const said = await copy(text).then(() => "Copied", () => "Could not copy");
    button.textContent = heard.textContent = said;
    button.focus();
    setTimeout(() => {
      button.textContent = before;
      heard.textContent = "";
    }, 2000);
  }

  const address = (query) => `${new URL(location.pathname, location.origin).href}?${query}`;

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.dataset.copy) copied(button, button.dataset.copy);
    if (button.dataset.link) copied(button, address(button.dataset.link));
    if (button.id === "send" || button.dataset.again || button.dataset.ask || button.matches(".example")) sent();
    if (button.dataset.again) asked = `turn-${button.dataset.again}`;
    if (button.dataset.ask) asked = ANY;
    // What is hidden once pressed leaves the focus where one goes on; a question in the address is asked once.
    if (button.id === "stop" || button.id === "restart") {
      box()?.focus();
      history.replaceState(history.state, "", location.pathname);
    }
  });
})();
