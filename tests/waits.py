"""How long tests wait for what is to come."""

import time
from collections.abc import Callable
from typing import Any

LONGEST_S = 120
"""A busy machine is slow, and only a failure takes it all."""


# That it was done is said for two seconds.
_SAID = """() => new MutationObserver(() => {
  window.saidCopied ||= [...document.querySelectorAll("button")].some((one) => one.textContent.trim() === "Copied");
}).observe(document.body, { childList: true, subtree: true, characterData: true })"""


def copied(page: Any, button: Any) -> str:
    """What `button` copies, once it has said so."""
    page.evaluate("navigator.clipboard.writeText('')")
    page.evaluate(_SAID)
    button.click()
    page.wait_for_function("window.saidCopied")
    return page.evaluate("navigator.clipboard.readText()")


def until(holds: Callable[[], object], page: Any = None) -> None:
    """Wait until it `holds`, letting `page` go on meanwhile; where it never does, fail."""
    end = time.monotonic() + LONGEST_S
    while not holds():
        assert time.monotonic() < end, "what the test waits for has not come"
        if page is None:
            time.sleep(0.02)
        else:
            page.wait_for_timeout(20)
