// An article is removed only after the reader has said so in a dialog of the page.
(() => {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  dialog.setAttribute("aria-labelledby", "confirm-title");
  dialog.innerHTML =
    '<form method="dialog"><h2 id="confirm-title">Remove this article?</h2><p class="name"><bdi></bdi></p>' +
    "<p>It leaves the library, and answers no longer quote it. The file or page that it came from stays.</p>" +
    '<p class="choices"><button value="keep" autofocus>Keep it</button><button value="remove">Remove it</button></p></form>';
  document.body.append(dialog);

  let asked = null;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-remove]");
    if (!button) return;
    asked = button;
    dialog.querySelector("bdi").textContent = button.dataset.name;
    dialog.returnValue = "keep";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "remove" || !asked) return;
    asked.disabled = true;
    asked.dispatchEvent(new CustomEvent("remove-article", { detail: asked.dataset.remove, bubbles: true }));
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
