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
