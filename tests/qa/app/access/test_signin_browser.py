"""Signing in with a real browser: what a stranger sees, a wrong password, and the way in."""

import json
import re

import pytest

from qa.app.access.signin import FREE_OF_A_NAME
from qa.app.access.users import add_user
from tests.served import served, shelve

NAME, PASSWORD = "ida", "a long secret"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    add_user(folder / "users", NAME, PASSWORD)
    flags = ("--auth-file", str(folder / "users"))
    with served(*flags, library=shelve(folder), log=folder / "log") as at:
        yield at


def sign_in(page, name, password):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_label("Password").press("Enter")


def test_a_stranger_signs_in_asks_and_is_a_stranger_again_elsewhere(chromium, address):
    visitor = chromium.new_context(viewport={"width": 360, "height": 800}, color_scheme="dark")
    page, refused = visitor.new_page(), []
    page.set_default_timeout(60_000)
    page.on("response", lambda answer: refused.append(answer.url) if answer.status in (401, 403) else None)
    page.goto(address)
    sign_in(page, NAME, "a wrong secret")
    page.get_by_role("alert").get_by_text("Name and password do not match.").wait_for()
    assert page.get_by_label("Password").evaluate("one => one === document.activeElement && one.value === ''")
    told = []
    for _ in range(FREE_OF_A_NAME + 3):  # on a busy machine the wait may be over before the next try
        sign_in(page, "nobody", "a wrong secret")
        page.locator("[role=alert]:not(:empty)").wait_for()
        told.append(page.get_by_role("alert").inner_text())
    assert set(told[:FREE_OF_A_NAME]) == {"Name and password do not match."}
    assert any(re.fullmatch(r"Too many wrong tries. Wait \d+ seconds, then try again.", one) for one in told)
    assert page.get_by_role("textbox", name="Your question").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    sign_in(page, NAME, PASSWORD)
    box = page.get_by_role("textbox", name="Your question")
    box.wait_for()
    box.fill("How many people did the ferry Aurora carry?")
    box.press("Enter")
    answer = page.get_by_role("region", name="Answer")
    answer.wait_for()
    assert re.search("4[05]", answer.locator("mark").first.inner_text())
    article = answer.get_by_role("link").first.get_attribute("href")
    assert page.goto(address + article).status == 200
    assert refused == []  # all that the page to sign in on needs, a stranger gets
    cookies = visitor.cookies()
    page.goto(address)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()
    assert visitor.request.get(address + article).status == 401
    visitor.add_cookies(cookies)  # whoever copied them is out, too
    assert visitor.request.get(address + article).status == 401
    visitor.close()

    other = chromium.new_context()
    assert other.request.get(address + article).status == 401
    asked = {"data": ["Who?", None, None, None, None]}
    sent = other.request.post(
        address + "gradio_api/run/ask", data=json.dumps(asked), headers={"Content-Type": "application/json"}
    )
    assert sent.status == 401
    other.close()
