// Conversations: kept in this browser, or on the server for who signed in; listed, found, renamed, deleted.
(() => {
  // What the address asks is read before it is cleaned, and the library that it names before Gradio begins.
  const folder = location.pathname.replace(/[^/]*$/, "");
  const query = location.search;
  const asked = new URLSearchParams(query);
  const chooseLibrary = (name) => {
    document.cookie = `whosays-library=${encodeURIComponent(name)}; path=${folder}; max-age=31536000; samesite=lax`;
  };
  if (asked.get("ask")?.trim() && asked.get("library")) chooseLibrary(asked.get("library"));

  const keeps = () => document.querySelector("[data-kept]")?.dataset ?? {};
  const MOST = () => Number(keeps().most ?? Infinity);
  const NAME_CHARS = 200;
  const FILE_BYTES = 16_000_000;

  // Which conversation this tab shows, and which state of it was seen last: another tab may go on with it.
  const tab = {
    get id() { return sessionStorage.getItem("whosays-talk") ?? ""; },
    get seen() { return Number(sessionStorage.getItem("whosays-seen")) || null; },
    show(id, seen) {
      sessionStorage.setItem("whosays-talk", id);
      sessionStorage.setItem("whosays-seen", seen ?? "");
    },
    leave() {
      sessionStorage.removeItem("whosays-talk");
      sessionStorage.removeItem("whosays-seen");
    },
  };

  const wait = (request) =>
    new Promise((done, fail) => {
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });

  // Two stores in the browser's database: what the list shows, and the conversations themselves.
  const inBrowser = {
    opened: null,
    open() {
      this.opened ??= (() => {
        const request = indexedDB.open(`whosays ${folder}`, 1);
        request.onupgradeneeded = () => {
          request.result.createObjectStore("summaries", { keyPath: "id" });
          request.result.createObjectStore("records");
        };
        return wait(request);
      })();
      return this.opened;
    },
    async stores(mode) {
      const change = (await this.open()).transaction(["summaries", "records"], mode);
      return [change.objectStore("summaries"), change.objectStore("records")];
    },
    async list() {
      const [summaries] = await this.stores("readonly");
      return (await wait(summaries.getAll())).sort((one, other) => other.updated - one.updated);
    },
    async get(id) {
      const [, records] = await this.stores("readonly");
      return wait(records.get(id));
    },
    async put(id, record, { name = "", seen = null } = {}) {
      const { library, turns } = JSON.parse(record);
      const questions = turns.map((turn) => turn.question);
      const [summaries, records] = await this.stores("readwrite");
      const known = await wait(summaries.get(id));
      if (known && known.updated !== seen) return null;
      const updated = Math.max(Date.now(), (known?.updated ?? 0) + 1);
      const summary = { id, name: (name || known?.name || questions[0]).slice(0, NAME_CHARS), library, updated, questions };
      records.put(record, id);
      await wait(summaries.put(summary));
      const old = (await wait(summaries.getAll())).sort((one, other) => other.updated - one.updated).slice(MOST());
      for (const one of old) {
        records.delete(one.id);
        summaries.delete(one.id);
      }
      return summary;
    },
    async rename(id, name) {
      const [summaries] = await this.stores("readwrite");
      const known = await wait(summaries.get(id));
      if (known) await wait(summaries.put({ ...known, name: name.slice(0, NAME_CHARS) || known.questions[0] }));
    },
    async remove(id) {
      const [summaries, records] = await this.stores("readwrite");
      records.delete(id);
      await wait(summaries.delete(id));
    },
  };

  const onServer = {
    async call(path, method = "GET", body = undefined) {
      const sent = body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
      const answer = await fetch(`${folder}conversations${path}`, { method, ...sent });
      const told = await answer.json().catch(() => null);
      if (!answer.ok) throw new Error(told?.error ?? "the server did not answer");
      return told;
    },
    list() { return this.call(""); },
    async get(id) { return (await this.call(`/${id}`)).record; },
    put(id, record, { name = "", seen = null } = {}) { return this.call(`/${id}`, "PUT", { record, name, seen }); },
    rename(id, name) { return this.call(`/${id}`, "PATCH", { name }); },
    remove(id) { return this.call(`/${id}`, "DELETE"); },
  };
  const store = () => (keeps().kept === "server" ? onServer : inBrowser);

  const first = () => Boolean(document.querySelector("#conversation")); // the page of the conversation
  let leaving = false; // Gradio may tell of one choice twice
  function anew() {
    if (leaving) return;
    leaving = true;
    if (first()) location.replace(location.pathname);
    else location.assign(folder);
  }

  let library = "";
  let keeping = Promise.resolve();
  let failed = "";

  async function keep(text) {
    if (!text) return tab.leave();
    const record = JSON.parse(text);
    // Where this tab goes on under another name, because another tab went on with the same conversation.
    const id = sessionStorage.getItem(`whosays-as-${record.id}`) ?? record.id;
    const put = (as, seen) => store().put(as, JSON.stringify({ ...record, id: as }), { seen });
    let kept = await put(id, id === tab.id ? tab.seen : null);
    if (!kept) {
      const other = [...crypto.getRandomValues(new Uint8Array(8))].map((one) => one.toString(16).padStart(2, "0")).join("");
      sessionStorage.setItem(`whosays-as-${record.id}`, other);
      kept = await put(other, null);
    }
    tab.show(kept.id, kept.updated);
    failed = "";
    await count();
    if (dialog.open) await drawBeside();
  }

  // At the side: the newest of them.
  const RECENT = 7;
  function drawRecent(list, known) {
    const rows = known.slice(0, RECENT).map((summary) => {
      const open = made("button", { type: "button", title: summary.name }, made("bdi", { textContent: summary.name }));
      const here = first() && summary.id === tab.id;
      if (here) open.setAttribute("aria-current", "true");
      open.addEventListener("click", () => here || go(summary));
      return made("li", {}, open);
    });
    list.replaceChildren(...rows);
  }

  window.whosays = {
    // What the page opens with: the question of its address, or the conversation that this tab showed last.
    async opening() {
      if (asked.get("ask")?.trim()) {
        tab.leave();
        history.replaceState(history.state, "", location.pathname);
        return JSON.stringify({ query });
      }
      const told = { record: null };
      try {
        if (tab.id) told.record = (await store().get(tab.id)) ?? null;
        if (tab.id && !told.record) tab.leave();
      } catch {
        // Nothing is kept where the browser does not let the page; then it opens empty.
      }
      count();
      return JSON.stringify(told);
    },
    // What the server has to tell of the conversation: which library it asks, and how it is to be kept.
    told(part) {
      if (!part) return;
      library = part.dataset.library;
      if (part.dataset.talk === undefined) return;
      const text = part.dataset.talk;
      keeping = keeping.then(() => keep(text)).catch((error) => (failed = String(error?.message ?? error)));
    },
    another() {
      tab.leave();
      anew();
    },
    // Another library is asked from now on, on the page that stands here.
    library(name) {
      chooseLibrary(name);
      tab.leave();
      if (first()) anew();
      else location.reload();
    },
    // The library that is shown has another name now: all that is shown stays.
    renamed(name) {
      chooseLibrary(name);
      location.reload();
    },
  };

  function made(name, properties = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      key in element && key !== "list" ? (element[key] = value) : element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  }

  const dialog = made("dialog", { className: "conversations-list" });
  dialog.setAttribute("aria-labelledby", "conversations-title");
  const sought = made("input", { type: "search", placeholder: "Search names and questions" });
  sought.setAttribute("aria-label", "Search conversations");
  const items = made("ul");
  const said = made("p", { className: "said-of-it" });
  said.setAttribute("role", "status");
  const where = made("p", { className: "kept-where" });
  const file = made("input", { type: "file", accept: ".json,application/json" });
  const fileLabel = made("label", { className: "import" }, "Import a saved conversation (JSON)", file);
  const fresh = made("button", { type: "button", textContent: "New conversation" });
  const close = made("button", { type: "button", textContent: "Close" });
  dialog.append(
    made("header", {}, made("h2", { id: "conversations-title", textContent: "Conversations" }), close),
    sought,
    items,
    said,
    made("footer", {}, made("p", { className: "choices" }, fresh, fileLabel), where),
  );
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  close.addEventListener("click", () => dialog.close());

  async function count() {
    const known = await store().list().catch(() => []);
    for (const list of document.querySelectorAll(".history-line .recent")) drawRecent(list, known);
    const number = known.length;
    for (const button of document.querySelectorAll("button.conversations")) {
      button.textContent = number ? `Conversations (${number})` : "Conversations";
    }
  }

  async function show() {
    said.replaceChildren();
    fileLabel.hidden = !first(); // what a file holds is shown on the page of the conversation
    sought.value = "";
    const server = store() === onServer;
    where.textContent =
      `${server ? "Kept on the server, for you alone." : "Kept in this browser only."} The newest ${MOST()} are kept, ` +
      `with the newest ${keeps().turns} questions of each; older ones are dropped.`;
    if (!dialog.open) dialog.showModal();
    sought.focus();
    await keeping;
    await drawBeside();
  }

  // A name that is being written stays as it is.
  const drawBeside = () => draw(() => !items.querySelector(".naming"));

  async function draw(may = () => true) {
    let known;
    try {
      known = await store().list();
    } catch (error) {
      failed = String(error?.message ?? error);
      known = [];
    }
    if (failed) said.textContent = `Conversations cannot be kept here: ${failed}.`;
    const words = sought.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ name, questions }) => {
      const line = [name, ...questions].join("\n").toLocaleLowerCase();
      return words.every((word) => line.includes(word));
    };
    const found = known.filter(fits);
    if (!may()) return;
    items.replaceChildren(...found.map(item));
    if (!found.length) {
      const none = words.length ? "No conversation contains these words." : "No conversations yet: each question that you ask is kept.";
      items.append(made("li", { className: "empty", textContent: none }));
    }
  }

  function item(summary) {
    const { id, name, questions, updated } = summary;
    const here = id === tab.id;
    const open = made("button", { type: "button", className: "name" }, made("bdi", { textContent: name }));
    if (here) open.setAttribute("aria-current", "true");
    const number = `${questions.length} question${questions.length === 1 ? "" : "s"}`;
    const when = new Date(updated).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    const facts = made("p", { className: "facts" }, [summary.library, number, when, here ? "shown now" : ""].filter(Boolean).join(" · "));
    const rename = made("button", { type: "button", textContent: "Rename" });
    const remove = made("button", { type: "button", textContent: "Delete" });
    rename.setAttribute("aria-label", `Rename “${name}”`);
    remove.setAttribute("aria-label", `Delete “${name}”`);
    const row = made("li", {}, made("div", {}, open, facts), made("p", { className: "can" }, rename, remove));
    open.addEventListener("click", () => (here ? dialog.close() : go(summary)));
    rename.addEventListener("click", () => naming(row, summary));
    remove.addEventListener("click", () => forget(summary));
    return row;
  }

  function go({ id, library: of, updated }) {
    tab.show(id, updated);
    if (of && of !== library) chooseLibrary(of);
    anew();
  }

  function naming(row, { id, name }) {
    const input = made("input", { type: "text", value: name, maxLength: NAME_CHARS });
    input.setAttribute("aria-label", "New name");
    const form = made("form", { className: "naming" }, input, made("button", { textContent: "Keep this name" }));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await store().rename(id, input.value.trim()).catch((error) => (failed = String(error.message)));
      await draw();
      // Unless the reader went on elsewhere meanwhile.
      if (document.activeElement === document.body) items.querySelector(".name")?.focus();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      draw();
    });
    row.replaceChildren(form);
    input.select();
  }

  async function forget({ id, name, updated }) {
    const here = id === tab.id;
    try {
      const record = await store().get(id);
      await store().remove(id);
      if (here && !first()) tab.leave();
      if (here) document.querySelector("#restart")?.click();
      const undo = made("button", { type: "button", textContent: "Undo" });
      undo.addEventListener("click", async () => {
        const kept = await store().put(id, record, { name, seen: null });
        said.textContent = `“${name}” is back.`;
        await count();
        await draw();
        if (here && kept) go({ ...kept });
      });
      said.replaceChildren("Deleted ", made("bdi", { textContent: `“${name}”` }), ". ", undo);
    } catch (error) {
      said.textContent = `“${name}” could not be deleted: ${error.message}.`;
    }
    await count();
    await draw();
  }

  sought.addEventListener("input", () => draw());
  function begin() {
    if (!first()) return window.whosays.another();
    document.querySelector("#restart")?.click();
    document.querySelector("#question textarea, #question input")?.focus();
  }
  fresh.addEventListener("click", () => {
    dialog.close();
    begin();
  });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const text = chosen.size > FILE_BYTES ? "x".repeat(FILE_BYTES + 1) : await chosen.text();
    file.value = "";
    dialog.close();
    if (!first()) return;
    document.querySelector("#keeping [data-library]")?.dispatchEvent(new CustomEvent("import-talk", { detail: text, bubbles: true }));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("button.conversations")) show();
    if (event.target.closest?.("button.fresh")) begin();
  });

  // What Gradio has drawn at the side knows nothing of them yet.
  new MutationObserver(() => {
    const list = document.querySelector(".history-line .recent:not([data-drawn])");
    if (!list) return;
    list.dataset.drawn = "true";
    count();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
