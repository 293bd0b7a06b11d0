"""What several test files use: the articles of the checkout, the library made of them, and a browser."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.served import VISITS
from tests.waits import LONGEST_S

# The same examples on every run, and no limit on time: a slow machine is no failure.
settings.register_profile("whosays", deadline=None, derandomize=True)
settings.load_profile("whosays")

# Before anything imports the hub's client, which reads it once: a model that is not there is told at once,
# without minutes of retries.
os.environ["HF_HUB_OFFLINE"] = "1"

# Where Playwright keeps its own browser; read before the tests move the cache elsewhere.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")

LONGEST_MS = LONGEST_S * 1000


# The files that take longest: begun first, so that at the end no process waits for another.
LONGEST = (
    "test_promises.py",
    "test_routes.py",
    "test_one_score.py",
    "test_mutants.py",
    "test_accessible.py",
    "test_articles_page.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, all else in its order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps the tests, and what they start, out of the user's own cache and settings."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        environment.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        environment.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def seeds_library(_own_folders: None) -> "Iterator[object]":
    """The bundled library, with the bundled models."""
    from qa.ask import open_library
    from qa.settings import Settings

    with open_library("", Settings()) as library:
        yield library


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for one file: while Playwright runs, no other event loop can."""
    from playwright.sync_api import Error, expect, sync_playwright

    if sys.platform == "linux":
        os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(CACHE / "ms-playwright"))
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    # The one without windows first: on two cores it opens and draws pages a good deal quicker.
    known = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", mac)
    names = (os.environ.get("WHOSAYS_CHROMIUM", ""), *known)
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    quiet = ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update",
             "disable-sync", "no-first-run")  # fmt: skip
    expect.set_options(timeout=LONGEST_MS)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=[f"--{one}" for one in quiet])
        except Error as error:
            pytest.fail(
                "These tests drive a browser and found none. `make test` installs one; or install Chromium or "
                f"Chrome, or name one: WHOSAYS_CHROMIUM=/path/to/chromium make test ({error})"
            )
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens an address as one more visitor. Each request must stay on loopback, and no script may fail."""
    requests: list[str] = []
    problems: list[str] = []

    def failed(request: Any) -> None:
        # What a page is made of is given up where the page is left before all of it has come.
        parts = ("stylesheet", "script", "font", "image")
        if request.failure != "net::ERR_ABORTED" or request.resource_type not in parts:
            problems.append(f"{request.url} {request.failure}")

    def opened(address: str, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        VISITS.append(context)
        page = context.new_page()
        page.set_default_timeout(LONGEST_MS)
        page.on("request", lambda request: requests.append(request.url))
        page.on("requestfailed", failed)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        page.goto(address)
        return page

    yield opened
    # What a page that is left still waited for.
    hung_up = re.compile(r"/(heartbeat|queue/(data|join)|upload_progress|run/predict)\b.*ERR_ABORTED")
    while VISITS:
        VISITS.pop().close()
    assert requests
    assert [url for url in requests if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []
    assert [problem for problem in problems if not hung_up.search(problem)] == []
