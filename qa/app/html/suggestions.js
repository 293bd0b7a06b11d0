// Questions to go on with: drawn beside the conversation, shown under its newest answer, asked by a click.
(() => {
  function place() {
    const newest = [...document.querySelectorAll("#conversation .turn")].at(-1);
    const offered = document.querySelector("#further .further");
    const stands = newest?.ariaBusy !== "true" && newest?.id === offered?.dataset.turn && offered;
    for (const old of document.querySelectorAll("#conversation .further")) {
      if (!stands || old.dataset.turn !== newest.id || old.innerHTML !== offered.innerHTML) old.remove();
    }
    // Gradio draws the conversation anew with each turn: it is put there again.
    if (stands && !newest.querySelector(".further")) {
      newest.querySelector(".main").append(offered.cloneNode(true));
    }
  }
  new MutationObserver(place).observe(document.body, {
    childList: true,
    subtree: true,
    attributeFilter: ["aria-busy", "data-turn"],
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-ask]");
    if (!button) return;
    const detail = { question: button.dataset.ask, whole: "whole" in button.dataset };
    document.dispatchEvent(new CustomEvent("ask-next", { detail }));
  });
})();
