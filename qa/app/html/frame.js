// What stands around a page: the side, which opens and closes; the place to add articles; and the way back, which
// closes what is open before it leaves the page.
(() => {
  const root = document.documentElement;
  const wide = matchMedia("(min-width: 64rem)");
  const CLOSED = "whosays-side-closed";
  const side = () => document.querySelector("#side");
  const intake = () => document.querySelector("#intake");
  const toggles = () => document.querySelectorAll(".side-toggle");
  const remembered = () => {
    try {
      return localStorage.getItem(CLOSED) === "true";
    } catch {
      return false; // a browser that keeps nothing
    }
  };
  let drawer = false;

  const isOpen = () => (wide.matches ? !root.classList.contains("side-closed") : drawer);
  function tell() {
    root.classList.toggle("side-drawer", drawer && !wide.matches);
    const open = String(isOpen());
    for (const one of toggles()) if (one.ariaExpanded !== open) one.ariaExpanded = open;
  }
  function setDrawer(open) {
    if (drawer === open) return;
    drawer = open;
    tell();
    if (open) side()?.querySelector(".side-close")?.focus();
    else if (side()?.contains(document.activeElement) || document.activeElement === document.body) toggles()[0]?.focus();
    layers();
  }
  root.classList.toggle("side-closed", remembered());
  wide.addEventListener("change", () => {
    drawer = false;
    tell();
    layers();
  });

  // On the first page articles are added in place; other pages have a place of their own, or lead there.
  function setIntake(open) {
    intake()?.classList.toggle("open", open);
    const link = document.querySelector(".add-articles");
    if (intake()) link?.setAttribute("aria-expanded", String(open));
    if (open) reach(intake());
    else if (document.activeElement === document.body || intake()?.contains(document.activeElement)) link?.focus();
    layers();
  }
  // On the page of articles the place to add is a fold. While that page is being filled it is drawn anew, which
  // closes the fold and takes the focus away: both are tried again until they stay.
  function seekIntake() {
    let tries = 100;
    let stayed = -1;
    const seek = () => {
      const place = document.querySelector("#adding");
      const fold = document.querySelector("#intake-fold button");
      const active = document.activeElement;
      if (fold && !fold.classList.contains("open")) fold.click();
      else if (place?.querySelector("#drop button")) {
        if (intake()) return setIntake(true);
        if (place.contains(active)) stayed += 1;
        else if (stayed > 0 && active !== document.body && active !== fold) return; // it has gone on by itself
        else {
          reach(place);
          stayed = 0;
        }
      }
      if (stayed < 20 && tries-- > 0) setTimeout(seek, 100);
    };
    seek();
  }
  function reach(place) {
    place.scrollIntoView({ block: "start" });
    (place.querySelector("#drop button, #drop input, #drop [tabindex]") ?? place).focus({ preventScroll: true });
  }

  // What the head opens lies over the page: a click elsewhere closes it.
  const unfolded = () => document.querySelector(".masthead details[open]");
  document.addEventListener("click", (event) => {
    const list = unfolded();
    if (list && !list.contains(event.target) && !event.target.closest?.("dialog")) list.open = false;
    if (event.target.closest?.(".side-toggle")) {
      if (!wide.matches) return setDrawer(!drawer);
      const closed = root.classList.toggle("side-closed");
      try {
        localStorage.setItem(CLOSED, String(closed));
      } catch {
        // then it is open again on the next page
      }
      return tell();
    }
    const add = event.target.closest?.(".add-articles");
    if (add && document.querySelector("#adding, #intake-fold")) {
      event.preventDefault();
      setDrawer(false);
      if (intake()) setIntake(!intake().classList.contains("open"));
      else seekIntake();
      return;
    }
    if (drawer && (event.target.closest?.(".side-close") || !event.target.closest?.("#side, dialog"))) setDrawer(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]:not(.beside)")) return;
    const list = unfolded();
    if (list) {
      list.open = false;
      list.querySelector("summary").focus();
    } else if (drawer) setDrawer(false);
    else if (intake()?.classList.contains("open")) setIntake(false);
  });
  // Whoever leaves the drawer by the keyboard has left it.
  document.addEventListener("focusin", ({ target }) => {
    if (drawer && !target.closest("#side, dialog, .side-toggle")) setDrawer(false);
  });

  // The way back. Each thing that opens is one step of the browser's history; a step back closes the last of them.
  const opened = []; // dialogs in the order in which they opened
  const others = [
    { open: () => drawer, close: () => setDrawer(false) },
    { open: () => Boolean(intake()?.classList.contains("open")), close: () => setIntake(false) },
  ];
  let depth = 0; // steps that are in the history for what is open
  let going = 0; // steps back that we took ourselves, and of which we have not heard yet
  const count = () => opened.length + others.filter((one) => one.open()).length;
  const here = () => Number(history.state?.whosaysLayers ?? 0);

  function layers() {
    clearTimeout(layers.waiting);
    layers.waiting = setTimeout(() => {
      if (going) return;
      const now = count();
      if (now > depth) {
        while (depth < now) history.pushState({ ...history.state, whosaysLayers: ++depth }, "");
      } else if (now < depth) {
        going = depth - now;
        history.go(-going);
      }
    });
  }
  addEventListener("popstate", () => {
    depth = here();
    if (going) {
      going = 0;
      return layers();
    }
    while (count() > depth) {
      const last = opened.at(-1);
      if (last) last.close();
      else others.find((one) => one.open()).close();
      look();
    }
    layers();
  });
  function look() {
    const now = [...document.querySelectorAll("dialog[open]")];
    for (let at = opened.length - 1; at >= 0; at--) if (!now.includes(opened[at])) opened.splice(at, 1);
    opened.push(...now.filter((one) => !opened.includes(one)));
  }
  if (here()) history.replaceState({ ...history.state, whosaysLayers: 0 }, "");
  new MutationObserver(() => {
    look();
    layers();
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["open"], subtree: true });

  if (location.hash === "#adding") {
    history.replaceState(history.state, "", location.pathname + location.search);
    seekIntake();
  }
  new MutationObserver(tell).observe(document.documentElement, { childList: true, subtree: true });
})();
