// A question is edited where it stands, and asked anew in the place of its turn.
(() => {
  let draft = null; // { number, text }: drawn again where Gradio draws the conversation anew

  function open() {
    const turn = document.getElementById(`turn-${draft.number}`);
    const heading = turn?.querySelector(".question");
    if (!heading || turn.querySelector(".editing")) return;
    const form = document.createElement("form");
    form.className = "editing";
    form.innerHTML =
      '<textarea aria-label="Edit the question" maxlength="2000" rows="2"></textarea>' +
      '<p><button>Ask in its place</button><button type="button">Cancel</button></p>';
    const input = form.querySelector("textarea");
    input.value = draft.text;
    heading.hidden = true;
    heading.after(form);
    input.focus();
    input.setSelectionRange(draft.text.length, draft.text.length);
    input.addEventListener("input", () => (draft.text = input.value));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const question = input.value.trim();
      if (!question) return;
      const { number } = draft;
      close();
      turn.dispatchEvent(new CustomEvent("edit-turn", { detail: { number, question }, bubbles: true }));
    });
    form.querySelector("button[type=button]").addEventListener("click", close);
  }

  function close() {
    const turn = document.getElementById(`turn-${draft?.number}`);
    draft = null;
    turn?.querySelector(".editing")?.remove();
    const heading = turn?.querySelector(".question");
    if (heading) heading.hidden = false;
    heading?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-edit]");
    if (!button) return;
    if (draft) close();
    draft = { number: Number(button.dataset.edit), text: button.dataset.question };
    open();
  });
  new MutationObserver(() => {
    if (!draft) return;
    if (document.getElementById(`turn-${draft.number}`)) open();
    else draft = null;
  }).observe(document.body, { childList: true, subtree: true });
})();
