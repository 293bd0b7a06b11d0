// What was removed is put back by a click; many articles are removed only after the reader has said so.
(() => {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  dialog.setAttribute("aria-labelledby", "remove-found-title");
  dialog.innerHTML =
    '<form method="dialog"><h2 id="remove-found-title"></h2>' +
    "<p>They leave the library in one step, and answers no longer quote them. For a day they can be put back.</p>" +
    '<p class="choices"><button value="keep" autofocus>Keep them</button><button value="remove">Remove them</button></p></form>';
  document.body.append(dialog);
  const send = (detail) => document.dispatchEvent(new CustomEvent("removal-sent", { detail }));

  let found = ""; // which list the reader saw
  document.addEventListener("click", ({ target }) => {
    const back = target.closest?.("button[data-back]");
    if (back) {
      back.disabled = true;
      send({ back: back.dataset.back.split(" ") });
    }
    const many = target.closest?.("button[data-remove-found]");
    if (!many) return;
    found = many.dataset.found;
    const number = Number(many.dataset.removeFound).toLocaleString("en");
    dialog.querySelector("h2").textContent = `Remove all ${number} articles found?`;
    dialog.returnValue = "keep";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => dialog.returnValue === "remove" && send({ found }));
})();
