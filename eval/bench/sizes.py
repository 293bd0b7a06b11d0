"""The app over libraries of several sizes, in a real browser; `python -m eval.bench.sizes` prints JSON.

The articles are made, from a seed, of sentences of the training stories put together anew, with publishers
and dates of the stories. Of each size: how long `whosays chat` takes to its first page, how long the pages
are in CSS pixels, how long a search of all texts takes to be shown, and one answer. The targets: first paint
with 5,000 articles no more than half a second after that with 5, no page longer than 8,000 pixels.
"""

import argparse
import json
import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from eval.bench.app import start_app
from eval.bench.page import BROWSERS, TIMEOUT_MS, first_paint
from eval.provenance import this_run
from eval.stories import read_stories
from index.models import WEIGHTS, checksums
from qa.library import Library
from qa.reader.span_model import WEIGHTS as READER_WEIGHTS

STORIES = Path(__file__).resolve().parents[1] / "stories" / "train"
SIZES = (5, 300, 5_000)
SENTENCES = 5  # an article: about one passage, so that 5,000 are made within minutes
LENGTH = "document.documentElement.scrollHeight"


def articles(number: int, seed: int) -> list[dict[str, str]]:
    """Records of that many articles, as a JSON file holds them; the same for the same seed."""
    accounts = [account for story in read_stories(STORIES) for account in story.accounts]
    sentences = [
        f"{one.strip().rstrip('.')}."
        for account in accounts
        for paragraph in account.text.split("\n")
        for one in paragraph.split(". ")
        if 40 < len(one) < 240
    ]
    draw = random.Random(seed)  # noqa: S311  # no secret
    made = []
    for at in range(number):
        like = draw.choice(accounts)
        text = " ".join(draw.sample(sentences, SENTENCES))
        stated = {"publisher": like.publisher, "published": like.published}
        made.append({"text": text, "title": f"{like.title} ({at + 1})", **stated})
    return made


def measure_size(page: Any, folder: Path, number: int, seed: int) -> dict[str, Any]:
    """What one library costs its user; the library is made before the clock starts."""
    source = folder / f"{number}.json"
    source.write_text(json.dumps(articles(number, seed)), encoding="utf-8")
    start = time.perf_counter()
    with Library.open(folder / f"library-{number}") as library:
        library.add(source, max_bytes=100_000_000)
    made_s = round(time.perf_counter() - start, 1)
    start = time.time()
    process, address = start_app("--library", str(folder / f"library-{number}"))
    try:
        found: dict[str, Any] = {"made_s": made_s, **first_paint(page, address, start)}
        page.locator(".masthead .library").wait_for()
        found["ask_px"] = page.evaluate(LENGTH)
        if page.locator("details.library summary").count():
            page.locator("details.library summary").click()
        found["ask_masthead_open_px"] = page.evaluate(LENGTH)
        clock = time.perf_counter()
        page.get_by_role("textbox", name="Your question").fill("Who was hurt in the accident?")
        page.keyboard.press("Enter")
        page.locator(".turn:not([aria-busy])").wait_for()
        found["first_answer_s"] = round(time.perf_counter() - clock, 2)
        page.goto(f"{address}articles")
        page.locator(".found").wait_for()
        found["articles_px"] = page.evaluate(LENGTH)
        clock = time.perf_counter()
        page.get_by_label("Search titles").fill("ministry police said")
        before = page.locator("#found-title").inner_text()
        page.wait_for_function(
            "before => document.querySelector('.found')"
            " && document.querySelector('#found-title')?.innerText !== before",
            arg=before,
        )
        found["search_s"] = round(time.perf_counter() - clock, 2)
    finally:
        process.terminate()
        process.wait(timeout=30)
    return found


def main() -> None:
    """Make a library of each size, open it as its user does, print."""
    parser = argparse.ArgumentParser(description="The app over libraries of several sizes")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="ARTICLES")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--browser", metavar="PATH", help="a Chromium or Chrome; default: the one found")
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright  # only those who measure need it

    browser_at = arguments.browser or next(filter(None, map(shutil.which, BROWSERS)), None)
    found = {}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=browser_at, args=["--no-sandbox", "--disable-gpu"]
        )
        for number in arguments.sizes:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.set_default_timeout(TIMEOUT_MS)
            found[str(number)] = measure_size(page, Path(folder), number, arguments.seed)
            page.close()
        browser.close()
    sizes = " ".join(map(str, arguments.sizes))
    run = this_run(
        f"python -m eval.bench.sizes --sizes {sizes} --seed {arguments.seed}",
        checksums(WEIGHTS, READER_WEIGHTS),
    )
    print(json.dumps({**found, "run": run.to_dict()}, indent=2))


if __name__ == "__main__":
    main()
