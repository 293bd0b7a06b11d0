// The libraries at the side: one click chooses one; what changes them is asked for in a dialog of the page.
(() => {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm library-dialog";
  dialog.setAttribute("aria-labelledby", "library-dialog-title");
  dialog.innerHTML =
    '<form method="dialog"><h2 id="library-dialog-title"></h2><p class="lead"></p>' +
    '<label class="field">Name <input type="text" name="new" maxlength="60" autocomplete="off"></label>' +
    '<p class="choices"><button type="button" value="keep">Cancel</button><button value="do"></button></p></form>';
  document.body.append(dialog);
  const [title, lead, field, input] = ["h2", ".lead", ".field", "input"].map((one) => dialog.querySelector(one));
  const [cancel, go] = dialog.querySelectorAll("button");
  let asked = null;

  const send = (detail) =>
    document.querySelector("#libraries section")?.dispatchEvent(new CustomEvent("library-sent", { detail, bubbles: true }));
  const asks = {
    make: () => ["A new library", "Its articles are asked by themselves.", "", "Make it"],
    rename: (name) => [`Rename “${name}”`, "Links and conversations go with it.", name, "Rename"],
    copy: (name) => [`Copy “${name}”`, "The copy has the same articles, and goes its own way from then on.", `${name} 2`, "Copy"],
    remove: (name) => [`Remove “${name}”?`, "Its articles and rulings go with it. For a day it can be put back.", null, "Remove"],
  };

  function ask(does, name) {
    asked = { do: does, name };
    const [head, said, proposed, label] = asks[does](name);
    [title.textContent, lead.textContent, go.textContent] = [head, said, label];
    field.hidden = proposed === null;
    input.required = proposed !== null;
    input.value = proposed ?? "";
    go.classList.toggle("main", does !== "remove");
    go.value = does === "remove" ? "remove" : "do";
    dialog.returnValue = "";
    dialog.showModal();
    if (proposed === null) cancel.focus();
    else input.select();
  }

  cancel.addEventListener("click", () => dialog.close("keep"));
  dialog.addEventListener("close", () => {
    if (["do", "remove"].includes(dialog.returnValue) && asked) send({ ...asked, new: input.value });
    asked = null;
  });

  document.addEventListener("click", (event) => {
    const within = event.target.closest?.("#libraries");
    for (const open of document.querySelectorAll("#libraries .ways[open]")) {
      if (!open.contains(event.target) || event.target.closest("button")) open.open = false;
    }
    const button = within && event.target.closest("button");
    if (!button) return;
    if (button.dataset.open !== undefined) {
      if (!button.hasAttribute("aria-current")) window.whosays.library(button.dataset.open);
      return;
    }
    const { do: does, name = "" } = button.dataset;
    if (does === "put back") send({ do: does, name });
    else if (does) ask(does, name);
  });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("#libraries .ways[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
    event.stopPropagation();
  }, true);

  // What was made is opened; what was renamed stays open under its new name.
  document.addEventListener("libraries-drawn", () => {
    const opened = document.querySelector("#libraries [data-opened]");
    if (!opened) return;
    if ("same" in opened.dataset) window.whosays.renamed(opened.dataset.opened);
    else window.whosays.library(opened.dataset.opened);
  });
})();
