// Beside each field of class date-field stands the browser's own calendar, which writes the day into it. What is
// typed stays possible: a month or a year, which no calendar offers.
(() => {
  function give(field, text) {
    const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => field.dispatchEvent(new FocusEvent("blur")));
  }

  function equip(box) {
    const field = box.querySelector(":is(input, textarea):not([type=date])");
    if (!field || box.querySelector(".pick-day")) return;
    const label = box.querySelector("label span, [data-testid=block-info]")?.textContent.trim() ?? "";
    const calendar = document.createElement("input");
    calendar.type = "date";
    calendar.tabIndex = -1;
    calendar.setAttribute("aria-hidden", "true");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pick-day";
    button.setAttribute("aria-label", `Choose a day: ${label}`);
    button.addEventListener("click", (event) => {
      event.preventDefault();
      calendar.value = /^\d{4}-\d\d-\d\d$/.test(field.value) ? field.value : "";
      calendar.showPicker?.();
    });
    calendar.addEventListener("change", () => {
      give(field, calendar.value);
      button.focus();
    });
    const place = document.createElement("span");
    place.className = "day-picker";
    place.append(calendar, button);
    box.append(place);
  }

  new MutationObserver(() => {
    for (const box of document.querySelectorAll(".date-field")) equip(box);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
