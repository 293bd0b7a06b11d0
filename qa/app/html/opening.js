// What the page opens with may come after the answer to a question that is asked at once, and would take its place:
// such a question waits until the page has opened, or can wait no longer.
(() => {
  const LONGEST_MS = 10_000;
  const box = () => document.querySelector("#question textarea, #question input");
  const opened = () => !document.querySelector("#conversation") || document.querySelector("#keeping [data-library]");
  let held = null;
  let late = 0;

  function hold(event, send) {
    if (!held && opened()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!held) late = setTimeout(go, LONGEST_MS);
    held = send;
  }

  function go() {
    const send = held;
    held = null;
    clearTimeout(late);
    document.removeEventListener("keydown", pressed, true);
    document.removeEventListener("click", clicked, true);
    watching.disconnect();
    send?.();
  }

  function pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target !== box()) return;
    hold(event, () => document.querySelector("#send")?.click());
  }

  function clicked(event) {
    const button = event.target.closest?.("#send, .example");
    if (button) hold(event, () => button.click());
  }

  document.addEventListener("keydown", pressed, true);
  document.addEventListener("click", clicked, true);
  // In a task of its own: all that it opens with is drawn by then.
  const watching = new MutationObserver(() => opened() && document.querySelector("#conversation") && setTimeout(go));
  watching.observe(document.documentElement, { childList: true, subtree: true });
})();
