// An article is removed only after the reader has said so in a dialog of the page.
(() => {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  dialog.setAttribute("aria-labelledby", "confirm-title");
  dialog.innerHTML =
    '<form method="dialog"><h2 id="confirm-title">Remove this article?</h2><p class="name"><bdi></bdi></p>' +
    "<p>It leaves the library, and answers no longer quote it. For a day it can be put back.</p>" +
    '<p class="choices"><button value="keep" autofocus>Keep it</button><button value="remove">Remove it</button></p></form>';
  document.body.append(dialog);

  let asked = ""; // which article: the list may be drawn anew meanwhile
  const buttons = () => [...document.querySelectorAll("button[data-remove]")];
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-remove]");
    if (!button) return;
    asked = button.dataset.remove;
    dialog.querySelector("bdi").textContent = button.dataset.name;
    dialog.returnValue = "keep";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "remove") return;
    for (const one of buttons()) if (one.dataset.remove === asked) one.disabled = true;
    document.dispatchEvent(new CustomEvent("remove-article", { detail: asked }));
  });
})();

// What the server sends to be filled in stands in a dialog of the page, and goes back from there. It stays open,
// with all that was typed, until the server takes it.
(() => {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm edit";
  dialog.setAttribute("aria-labelledby", "edit-title");
  document.body.append(dialog);

  let asked = ""; // what the button that opened it asks for: the list may be drawn anew meanwhile
  let closed = false;
  const send = (detail) => document.dispatchEvent(new CustomEvent("edit-sent", { detail }));
  const form = () => dialog.querySelector("form");
  const fields = () => [...dialog.querySelectorAll(".field input")];

  function focusButton() {
    const buttons = [...document.querySelectorAll("button[data-asks]")];
    const own = buttons.find((one) => one.dataset.asks === asked);
    (own ?? document.querySelector("#article-list .found [tabindex]"))?.focus();
  }

  function refuse(refusal) {
    for (const old of dialog.querySelectorAll(".failure")) old.remove();
    for (const input of fields()) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    let first = null;
    for (const line of refusal.querySelectorAll(".failure")) {
      const field = dialog.querySelector(`.field[data-field="${line.dataset.field}"]`);
      const input = field?.querySelector("input");
      if (input) {
        line.id = `${input.id}-wrong`;
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", line.id);
        input.after(line);
        first ??= input;
      } else dialog.querySelector(".told").append(line);
    }
    first?.focus();
  }

  function backToFields() {
    dialog.querySelector(".asked-back")?.remove();
    form().classList.remove("asking");
    dialog.setAttribute("aria-labelledby", "edit-title");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-asks]");
    if (!button) return;
    asked = button.dataset.asks;
    send(JSON.parse(asked));
  });

  document.addEventListener("edit-form", ({ detail }) => {
    const held = document.createElement("template");
    held.innerHTML = detail;
    const part = held.content.firstElementChild;
    if (part.matches("form")) {
      dialog.replaceChildren(part);
      if (!dialog.open) dialog.showModal();
      dialog.scrollTop = 0;
      dialog.querySelector("input")?.focus();
    } else if (!dialog.open) {
      return; // left before the answer came
    } else if (part.matches(".asked-back")) {
      refuse(held.content);
      backToFields();
      form().append(part);
      form().classList.add("asking");
      dialog.setAttribute("aria-labelledby", "sure-title");
      part.querySelector(".main").focus();
    } else if (part.matches(".refusal")) {
      backToFields();
      refuse(part);
    } else dialog.close();
  });

  dialog.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if ("cancel" in button.dataset) dialog.close();
    if ("back" in button.dataset) {
      backToFields();
      fields()[0].focus();
    }
    if (button.dataset.fill) {
      const input = dialog.querySelector(`[name="${button.dataset.fill}"]`);
      input.value = button.dataset.value;
      input.focus();
    }
  });

  // The name that most articles of those chosen have is offered, until one is typed.
  dialog.addEventListener("change", ({ target }) => {
    const into = dialog.querySelector("[name=into]");
    if (target.name !== "names" || !into || into.dataset.typed) return;
    const chosen = [...dialog.querySelectorAll("[name=names]:checked")];
    chosen.sort((one, other) => other.dataset.count - one.dataset.count);
    into.value = chosen[0]?.value ?? "";
  });
  dialog.addEventListener("input", ({ target }) => {
    if (target.name === "into") target.dataset.typed = "yes";
    if (!("find" in target.dataset)) return;
    const sought = target.value.trim().toLowerCase();
    for (const line of dialog.querySelectorAll(".names li")) line.hidden = !line.textContent.toLowerCase().includes(sought);
  });

  dialog.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = {};
    for (const input of fields()) if (input.value !== input.defaultValue) values[input.name] = input.value;
    const names = [...dialog.querySelectorAll("[name=names]:checked")].map((one) => one.value);
    const sure = Number(dialog.querySelector(".asked-back")?.dataset.number ?? -1);
    send({ ...JSON.parse(form().dataset.sends), values, names, into: values.into ?? "", sure });
  });

  dialog.addEventListener("close", () => {
    closed = true;
    focusButton();
  });
  // What had the focus may be gone, or stand for another article now.
  document.addEventListener("list-drawn", () => {
    const at = document.activeElement;
    if (closed && !dialog.open && (at === document.body || at.closest("#article-list"))) focusButton();
    closed = false;
  });
})();

// Files that are too large are told by name, and the others go on: Gradio would refuse all of them at once.
(() => {
  const MB = 1_000_000;
  const passed = new WeakSet();

  function sift(files, place) {
    const told = place.querySelector("[data-limit-mb]");
    const most = Number(told.dataset.limitMb);
    const kept = new DataTransfer();
    const lines = [];
    for (const file of files) {
      if (file.size <= most * MB) kept.items.add(file);
      else lines.push(`${file.name} has ${Math.ceil(file.size / MB).toLocaleString("en")} MB, more than the limit of ${most} MB.`);
    }
    if (lines.length) lines.push("Split it into smaller files, or save its text alone, and add that.");
    told.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    told.hidden = !lines.length;
    return lines.length ? kept : null;
  }

  // The page hears of the choice a second time, with what is left of it.
  function give(input, files) {
    input.files = files;
    if (!files.length) return;
    const event = new Event("change", { bubbles: true });
    passed.add(event);
    input.dispatchEvent(event);
  }

  function held(event, input, files) {
    const place = input?.closest("#adding");
    const kept = place && !passed.has(event) ? sift(files, place) : null;
    if (!kept) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    give(input, kept.files);
  }

  addEventListener("change", (event) => {
    if (event.target.matches?.("#drop input[type=file]")) held(event, event.target, event.target.files);
  }, true);
  addEventListener("drop", (event) => {
    const place = event.target.closest?.("#drop");
    if (place && event.dataTransfer) held(event, place.querySelector("input[type=file]"), event.dataTransfer.files);
  }, true);
})();

// While files are read no more can be dropped: Gradio would lose them without a word.
(() => {
  let left = null; // what had the focus
  const places = () => document.querySelectorAll("#drop, #add-folder");

  new MutationObserver(() => {
    const reading = Boolean(document.querySelector("#added .busy"));
    for (const place of places()) {
      if (place.inert === reading) continue;
      if (reading && place.contains(document.activeElement)) left = document.activeElement;
      place.inert = reading;
    }
    if (!reading && left) {
      if (document.activeElement === document.body) left.focus({ preventScroll: true });
      left = null;
    }
  }).observe(document.body, { childList: true, subtree: true });

  // Where nothing takes a file, the browser would open it in the place of the page.
  for (const dragged of ["dragover", "drop"]) {
    addEventListener(dragged, (event) => {
      if (!event.dataTransfer?.types.includes("Files") || event.defaultPrevented) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
  }
})();
