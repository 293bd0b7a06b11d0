"""What one user of the app waits for, in a real browser; `python -m eval.bench.page`; prints one JSON object.

The first paint counts from the start of `whosays chat`, of which an earlier start has made the library. An
answer counts from the key that sends the question to the frame that shows it, by the browser's own clock: the
first answer, and all of it. The targets on two idle cores: 4 s, and medians of 0.3 s and 0.7 s.
"""

import argparse
import json
import shutil
import time
from typing import Any

from eval.bench.app import GOLD, start_app
from eval.gold.questions import GoldQuestion, read_gold
from eval.metrics import percentile
from eval.provenance import this_run
from index.models import WEIGHTS, checksums
from qa.reader.span_model import WEIGHTS as READER_WEIGHTS

TIMEOUT_MS = 120_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
# Marks the moments that a user sees; what is drawn is seen only after the next frame.
WATCH = """
addEventListener("keydown", (event) => event.key === "Enter" && performance.mark("asked"), true);
const seen = { working: 0, first: 0, answered: 0 };
const count = (name, now) => {
  if (now > seen[name]) requestAnimationFrame(() => setTimeout(() => performance.mark(name)));
  seen[name] = now;
};
new MutationObserver(() => {
  count("working", document.querySelectorAll(".turn[aria-busy]").length);
  count("first", document.querySelectorAll(".turn:is(:not([aria-busy]), :has(.comparing))").length);
  count("answered", document.querySelectorAll(".turn:not([aria-busy])").length);
}).observe(document, { childList: true, subtree: true, attributeFilter: ["aria-busy"] });
"""
MARKS = "name => performance.getEntriesByName(name).map((entry) => entry.startTime)"
PAINTED = """performance.timeOrigin + performance.getEntriesByName("first-contentful-paint")[0].startTime"""


def first_paint(page: Any, address: str, start: float) -> dict[str, float]:
    """Seconds from `start` until the app said where it is, its page was painted, and it could be asked."""
    listening = time.time() - start
    page.goto(address)
    page.get_by_role("textbox", name="Your question").wait_for()
    usable = time.time() - start
    painted = page.evaluate(PAINTED) / 1000 - start
    return {
        name: round(seconds, 2)
        for name, seconds in (("listening_s", listening), ("first_paint_s", painted), ("usable_s", usable))
    }


def answers(page: Any, questions: list[str]) -> dict[str, float | None]:
    """Milliseconds that the user waits for each answer, and for the sign that it is sought.

    The first question is left out: the models load with it.
    """
    box = page.get_by_role("textbox", name="Your question")
    for number, question in enumerate(questions, 1):
        box.fill(question)
        box.press("Enter")
        # Asked in every frame, as by default, it would have the browser draw them all.
        page.wait_for_function(
            "count => performance.getEntriesByName('answered').length === count", arg=number, polling=100
        )
    asked, working, first, answered = (
        page.evaluate(MARKS, name) for name in ("asked", "working", "first", "answered")
    )
    moments = list(zip(asked[1:], answered[1:], strict=True))
    waits = [end - start for start, end in moments]
    # A first answer stands while others are compared with it; what is compared with nothing comes whole.
    firsts = [begun - start for start, begun in zip(asked[1:], first[1:], strict=True)]
    # An answer that came within a frame was its own first sign.
    signs = [min([at for at in (*working, end) if at > start]) - start for start, end in moments]
    return {
        "questions": len(waits),
        "sign_p50_ms": _round(percentile(signs, 50)),
        "first_answer_p50_ms": _round(percentile(firsts, 50)),
        "answer_p50_ms": _round(percentile(waits, 50)),
        "answer_p95_ms": _round(percentile(waits, 95)),
    }


def main() -> None:
    """Start the app twice, look at it the second time, ask, print."""
    parser = argparse.ArgumentParser(description="The app as one user sees it")
    parser.add_argument("--questions", type=int, default=20, help="so many of the bundled gold questions")
    parser.add_argument("--browser", metavar="PATH", help="a Chromium or Chrome; default: the one found")
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright  # only those who measure need it

    gold = [item.question for item in read_gold(GOLD) if isinstance(item, GoldQuestion) and not item.history]
    browser_at = arguments.browser or next(filter(None, map(shutil.which, BROWSERS)), None)
    process, _ = start_app()
    process.terminate()
    process.wait(timeout=30)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_at, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(TIMEOUT_MS)
        page.add_init_script(WATCH)
        start = time.time()
        process, address = start_app()
        try:
            found = {**first_paint(page, address, start), **answers(page, gold[: arguments.questions + 1])}
        finally:
            browser.close()
            process.terminate()
            process.wait(timeout=30)
    command = f"python -m eval.bench.page --questions {arguments.questions}"
    print(
        json.dumps(
            {**found, "run": this_run(command, checksums(WEIGHTS, READER_WEIGHTS)).to_dict()}, indent=2
        )
    )


def _round(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds)


if __name__ == "__main__":
    main()
