// The fields that say of which articles a question is asked open below their line, and stay open as it changes.
(() => {
  let open = false;
  function tell() {
    const button = document.querySelector(".scope-button");
    const fields = document.querySelector("#scope-fields");
    if (button && button.ariaExpanded !== String(open)) button.ariaExpanded = String(open);
    if (fields && fields.classList.contains("open") !== open) fields.classList.toggle("open", open);
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".scope-button")) return;
    open = !open;
    tell();
  });
  new MutationObserver(tell).observe(document.body, { childList: true, subtree: true });
})();
