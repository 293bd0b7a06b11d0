// Text boxes for a date become the browser's own: with its calendar, and in the order that the reader is used to.
(() => {
  const draw = () => {
    for (const input of document.querySelectorAll('.date-field input:not([type="date"])')) input.type = "date";
  };
  new MutationObserver(draw).observe(document.body, { childList: true, subtree: true });
  draw();
})();
