"""What axe-core finds on a page, in light and dark, narrow and wide."""

from importlib.resources import files
from typing import Any

SCREENS = [("light", 1280), ("light", 360), ("dark", 1280), ("dark", 360)]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
# What is worse than moderate, each with the first of its places.
# Gradio's buttons fade from one colour scheme to the other: what is half-way there has no colours of its own.
BREACHES = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const fading = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.all(fading.map((one) => one.finished.catch(() => {})));
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, nodes }) => `${id}: ${nodes[0].target} ${nodes[0].failureSummary}`);
}"""


def on_every_screen(page: Any) -> dict[str, list[str]]:
    """What axe-core finds on the page as it stands, by the screens on which it finds something."""
    page.add_script_tag(content=AXE)
    found = {}
    for scheme, width in SCREENS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        found[f"{scheme} {width}"] = page.evaluate(BREACHES)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[f"{scheme} {width}"].append("the page scrolls sideways")
    return {screen: breaches for screen, breaches in found.items() if breaches}
