"""Conversations that stay and questions of a part of the library, in a real browser over real libraries."""

import json
import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qa.app.access.users import add_user
from qa.app.shelf.libraries import BUNDLED
from qa.cli import main
from tests.screens import on_every_screen
from tests.served import FERRY, MILL, POLICE, served
from tests.waits import copied, until

pytestmark = pytest.mark.browser

QUESTION = "How many people did the ferry Aurora carry?"
OTHER = "How many people does the mill in Aarup employ?"
PASSWORD = "a long secret"
FERRIES, HARBOUR = "Ferries", "Harbour, new"
LINKED = f"?ask={QUESTION.replace(' ', '+')}&library={FERRIES}"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with two libraries: one of three articles, one of one."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME" if sys.platform == "darwin" else "XDG_DATA_HOME", str(folder))
        environment.setenv("HOME" if sys.platform == "darwin" else "XDG_STATE_HOME", str(folder / "state"))
        from qa.app.shelf.libraries import default_root

        for library, articles in (
            (FERRIES, (("Ferry", "Morning Post", "2026-07-03", FERRY), ("Police", "Evening News", "2026-07-04", POLICE), ("Mill", "", "", MILL))),
            (HARBOUR, (("Harbour", "Harbour Post", "2026", "The harbour of Aarup was closed on Monday by the storm."),)),
        ):  # fmt: skip
            source = folder / f"source of {library}"
            source.mkdir()
            for title, publisher, published, text in articles:
                stated = {"text": text, "title": title, "publisher": publisher, "published": published}
                (source / f"{title}.json").write_text(json.dumps({k: v for k, v in stated.items() if v}))
            assert main(["add", str(source), "--library", str(default_root() / library)]) == 0
        yield folder


@pytest.fixture(scope="module")
def address(home):
    with served(log=home / "log") as at:
        yield at


@pytest.fixture(scope="module")
def guarded(home):
    """The same for those who sign in."""
    for name in ("ida", "ben", "eva"):
        add_user(home / "users", name, PASSWORD)
    with served("--auth-file", str(home / "users"), log=home / "log of users") as at:
        yield at


def opened(visitor, at, query=LINKED, **screen):
    """A page with one question asked of the ferries."""
    page = visitor(at + query, **screen)
    if query:
        turn_of(page, QUESTION).wait_for()
    else:
        page.get_by_role("textbox", name="Your question").wait_for()
    return page


def turn_of(page, question):
    heading = page.get_by_role("heading", name=question, exact=True)
    return page.locator(".turn:not([aria-busy])", has=heading)


def ask(page, question):
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    box.press("Enter")
    turn = turn_of(page, question)
    turn.wait_for()
    return turn


# Whether the browser has kept the answer to a question.
KEPT = """async (question) => {
  const wait = (request) => new Promise((done) => (request.onsuccess = () => done(request.result)));
  const [known] = await indexedDB.databases();
  if (!known) return false;
  const opened = await wait(indexedDB.open(known.name));
  const records = await wait(opened.transaction("records").objectStore("records").getAll());
  opened.close();
  return records.some((one) => JSON.parse(one).turns.some((turn) => turn.question === question && turn.ANSWER));
}"""


def leave_kept(page, question, answer="answer"):
    """Wait until the page may be left: a moment after the answer is shown it is kept, too."""
    page.wait_for_function(KEPT.replace("ANSWER", answer), arg=question)


def expect_questions(page, *asked):
    """Wait until the page shows these turns, and no others."""
    expect(page.locator(".turn h2")).to_have_text(list(asked))


def the_list(page):
    opener = page.locator("button.conversations").first
    if not opener.is_visible():  # on a phone it stands in the drawer
        page.get_by_role("button", name="Menu").click()
    opener.click()
    dialog = page.get_by_role("dialog", name="Conversations")
    dialog.wait_for()
    return dialog


# All that the turns hold; questions to go on with come later.
TOLD = """(() => {
  const turns = document.querySelector(".turns").cloneNode(true);
  turns.querySelectorAll(".further").forEach((one) => one.remove());
  return turns.textContent.replace(/\\s+/g, " ");
})()"""


def test_a_reload_and_other_pages_lose_no_turn(visitor, address):
    page = opened(visitor, address)
    expect(page).to_have_url(address)  # what the address asked is asked once
    ask(page, OTHER)
    before = page.evaluate(TOLD)
    leave_kept(page, OTHER)
    page.reload()
    turn_of(page, OTHER).wait_for()
    expect_questions(page, QUESTION, OTHER)
    page.wait_for_function(f"before => {TOLD} === before", arg=before)  # a turn is drawn as it is read again
    for name in ("Articles", "Disagreements"):
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("link", name="Ask", exact=True).click()
        turn_of(page, OTHER).wait_for()
        expect_questions(page, QUESTION, OTHER)
    ask(page, "And when was it built?")
    leave_kept(page, "And when was it built?")
    page.reload()
    turn_of(page, "And when was it built?").wait_for()
    expect_questions(page, QUESTION, OTHER, "And when was it built?")


# Asked whether to leave while the answer is on its way.
LEAVING = """
  addEventListener("beforeunload", (event) => event.preventDefault());
  new MutationObserver((_, watch) => {
    if (!document.querySelector(".turn[aria-busy]")) return;
    watch.disconnect();
    location.reload();
  }).observe(document.body, { childList: true, subtree: true, attributes: true });
"""


def test_who_is_asked_whether_to_leave_and_stays_gets_the_answer(visitor, address):
    page = opened(visitor, address)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate(LEAVING)
    turn = ask(page, OTHER)
    assert asked == ["beforeunload"]
    expect(turn.locator("mark").first).to_have_text("120")
    expect_questions(page, QUESTION, OTHER)


def test_conversations_are_listed_named_found_renamed_deleted_and_brought_back(visitor, address):
    page = opened(visitor, address)
    page.get_by_role("button", name="Start over").click()
    page.locator(".turn").wait_for(state="detached")
    ask(page, OTHER)
    dialog = the_list(page)
    rows, names = dialog.locator("li"), dialog.locator("li .name")
    expect(names).to_have_text([OTHER, QUESTION])
    expect(rows.first).to_contain_text(FERRIES)
    expect(rows.first).to_contain_text("shown now")
    search = dialog.get_by_role("searchbox")
    search.fill("aurora FERRY")
    expect(names).to_have_text([QUESTION])
    dialog.get_by_role("button", name=f"Rename “{QUESTION}”").click()
    dialog.get_by_role("textbox", name="New name").fill("<b>The ferry</b>")
    dialog.get_by_role("button", name="Keep this name").click()
    expect(names).to_have_text(["<b>The ferry</b>"])
    search.fill("")
    expect(names).to_have_text([OTHER, "<b>The ferry</b>"])
    dialog.get_by_role("button", name="Delete “<b>The ferry</b>”").click()
    dialog.get_by_text("Deleted “<b>The ferry</b>”.").wait_for()
    expect(names).to_have_text([OTHER])
    dialog.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(2)
    rows.get_by_role("button", name="<b>The ferry</b>", exact=True).click()
    turn_of(page, QUESTION).wait_for()
    expect_questions(page, QUESTION)


def test_deleting_what_is_shown_empties_the_page_and_undo_brings_it_back(visitor, address):
    page = opened(visitor, address)
    dialog = the_list(page)
    dialog.get_by_role("button", name=f"Delete “{QUESTION}”").click()
    page.locator(".turn").wait_for(state="detached")
    dialog.get_by_text("No conversations yet").wait_for()
    dialog.get_by_role("button", name="Undo").click()
    turn_of(page, QUESTION).wait_for()
    expect_questions(page, QUESTION)


def test_a_conversation_of_another_library_opens_over_that_library(visitor, address):
    page = opened(visitor, address)
    leave_kept(page, QUESTION)
    page.locator("#libraries").get_by_role("button", name=HARBOUR, exact=True).click()
    page.get_by_text("Asked of the 1 article").wait_for()
    expect_questions(page)
    expect(page.locator(".masthead .library")).to_contain_text("1 article")
    dialog = the_list(page)
    dialog.get_by_role("button", name=QUESTION, exact=True).click()
    turn_of(page, QUESTION).wait_for()
    page.get_by_text("Asked of all 3 articles").wait_for()
    page.get_by_role("region", name="Answer").get_by_role("link").first.click()
    page.get_by_role("dialog", name="Article").get_by_text("Aurora").first.wait_for()


def test_another_window_that_chose_another_library_is_told_not_asked(visitor, address):
    page = opened(visitor, address)
    page.evaluate(
        f"document.cookie = `whosays-library=${{encodeURIComponent({json.dumps(HARBOUR)})}}; path=/`"
    )
    box = page.get_by_role("textbox", name="Your question")
    box.fill(OTHER)
    box.press("Enter")
    expect(page.locator(".notice")).to_contain_text(f"this conversation is with “{FERRIES}”")
    expect_questions(page, QUESTION)
    expect(box).to_have_value(OTHER)


def test_a_scope_narrows_is_shown_stays_and_goes_into_the_link_and_the_file(visitor, address):
    page = opened(visitor, address)
    line = page.locator(".scope-button")
    expect(line).to_have_text("Asked of all 3 articles")
    line.click()
    page.get_by_label("Find a publisher or an article").fill("Poli")
    page.get_by_role("checkbox", name="Police · Evening News").check()
    expect(line).to_have_text("Asked of 1 of 3 articles: Police")
    expect(line).to_have_attribute("aria-expanded", "true")
    page.get_by_role("textbox", name="From").fill("2026-07")
    turn = ask(page, "How many people were on the Aurora?")
    expect(turn.locator(".asked-of")).to_have_text("Asked of 1 of 3 articles: from July 2026; Police")
    answer = turn.get_by_role("region", name="Answer")
    expect(answer).to_contain_text("45")
    expect(answer).not_to_contain_text("40")
    link = copied(page, turn.get_by_role("button", name="Copy link to this question"))
    page.reload()
    page.locator(".scope-button", has_text="Asked of 1 of 3 articles").wait_for()  # it stays
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as JSON").click()
    plain = json.loads(Path(saved.value.path()).read_text("utf-8"))
    assert plain["library"] == FERRIES
    assert [one["scope"]["since"] for one in plain["answers"]] == [None, "2026-07"]
    assert len(plain["answers"][1]["scope"]["article_ids"]) == 1
    line.click()
    page.get_by_role("button", name="Ask the whole library").click()
    page.get_by_text("Asked of all 3 articles").wait_for()

    other = visitor(link)
    turn = turn_of(other, "How many people were on the Aurora?")
    turn.wait_for()
    expect(turn.locator(".asked-of")).to_have_text("Asked of 1 of 3 articles: from July 2026; Police")
    expect(other.locator(".scope-button")).to_have_text("Asked of 1 of 3 articles: from July 2026; Police")


def test_what_is_ticked_while_names_are_sought_stays_ticked(visitor, address):
    page = opened(visitor, address)
    page.locator(".scope-button").click()
    held = []
    page.route(
        "**/run/predict",
        lambda route: held.append(route) if '"Pol"' in route.request.post_data else route.continue_(),
    )
    page.get_by_label("Find a publisher or an article").fill("Pol")
    police, ferry = (
        page.get_by_role("checkbox", name=f"{name}")
        for name in ("Police · Evening News", "Ferry · Morning Post")
    )
    until(lambda: held, page)
    page.wait_for_timeout(1000)  # one is sought at the end of typing, not one a letter
    (seeking,) = held
    police.check()
    expect(page.locator(".scope-button")).to_have_text("Asked of 1 of 3 articles: Police")
    seeking.continue_()
    expect(ferry).to_have_count(0)
    expect(police).to_be_checked()


def test_sources_that_are_ticked_are_asked_alone(visitor, address):
    page = opened(visitor, address)
    turn, line = turn_of(page, QUESTION), page.locator(".scope-button")
    line.click()
    page.get_by_role("textbox", name="From").fill("2026-07")  # what is ticked takes the place of this
    page.get_by_role("textbox", name="From").press("Enter")
    expect(line).to_have_text("Asked of 2 of 3 articles: from July 2026; 1 undated one left out")
    sources = turn.get_by_role("region", name="Sources", exact=True)
    expect(sources).to_contain_text("Tick sources to ask only these.")
    one = sources.get_by_role("checkbox", name="Ask Morning Post: Ferry")
    other = sources.get_by_role("checkbox", name="Ask Evening News: Police")
    for box in (one, other):  # by the keyboard alone
        box.focus()
        page.keyboard.press("Space")
    expect(sources.get_by_role("button")).to_have_text("Ask only these 2")
    other.uncheck()
    expect(sources.get_by_role("button")).to_have_text("Ask only this one")
    assert on_every_screen(page) == {}
    sources.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(line).to_have_text("Asked of 1 of 3 articles: Ferry")
    expect(page.get_by_role("textbox", name="Your question")).to_be_focused()
    expect(page.get_by_text("The next question is asked of 1 source.")).to_be_attached()
    expect(one).not_to_be_checked()
    expect(sources.get_by_role("button")).to_have_count(0)
    told = ask(page, "How many people were on the Aurora?")
    expect(told.locator(".asked-of")).to_have_text("Asked of 1 of 3 articles: Ferry")
    expect(told.get_by_role("region", name="Answer")).not_to_contain_text("45")
    other.check()  # of the first answer, which was drawn anew since
    ask(page, "How many people does the ferry carry?")
    expect(other).to_be_checked()
    expect(sources.get_by_role("button")).to_have_text("Ask only this one")


def test_a_link_holds_what_a_follow_up_took_from_the_talk(visitor, address):
    page = opened(visitor, address)
    turn = ask(page, "Who counted them?")
    words = turn.locator(".about .chip bdi").all_inner_texts()
    link = copied(page, turn.get_by_role("button", name="Copy link to this question"))
    other = visitor(link)
    alone = turn_of(other, "Who counted them?")
    alone.wait_for()
    assert words
    expect(alone.locator(".about .chip bdi")).to_have_text(words)
    assert f"library={FERRIES}" in link


def test_a_link_to_what_was_asked_of_the_answer_before_asks_that_question(visitor, address):
    page = opened(visitor, address)
    turn = ask(page, "Are you sure?")
    other = visitor(copied(page, turn.get_by_role("button", name="Copy link to this question")))
    expect(turn_of(other, QUESTION).locator(".tally")).to_have_text(
        turn.locator(".tally").inner_text(), use_inner_text=True
    )


def test_a_link_to_a_library_that_is_not_here_asks_nothing_of_another(visitor, address):
    page = visitor(f"{address}?ask=Who+came%3F&library=Gone")
    expect(page.locator(".notice")).to_contain_text(f"“Gone”, which is not here. This is “{BUNDLED}”")
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("Who came?")
    expect_questions(page)


def test_a_saved_conversation_is_imported_and_goes_on_where_it_ended(visitor, address, tmp_path):
    page = opened(visitor, address)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as JSON").click()
    saved.value.save_as(tmp_path / "talk.json")
    changed = json.loads((tmp_path / "talk.json").read_text("utf-8"))
    quoted = json.dumps(changed).replace("people", "sheep!")
    (tmp_path / "changed.json").write_text(quoted, "utf-8")
    (tmp_path / "foreign.json").write_text('{"hello": 1}', "utf-8")

    other = visitor(address + LINKED.replace("ferry+Aurora+carry", "mill+employ"))
    turn_of(other, before := "How many people did the mill employ?").wait_for()
    picker = the_list(other).locator("input[type=file]")
    picker.set_input_files(tmp_path / "foreign.json")
    other.get_by_text("Nothing was imported.").first.wait_for(state="attached")
    expect_questions(other, before)
    picker = the_list(other).locator("input[type=file]")
    picker.set_input_files(tmp_path / "talk.json")
    turn_of(other, QUESTION).wait_for()
    expect_questions(other, QUESTION)
    expect(ask(other, "Who said that?").locator(".lead")).to_have_count(1)
    dialog = the_list(other)
    expect(dialog.locator(".name")).to_have_text([QUESTION, before])  # the one before is still there
    dialog.locator("input[type=file]").set_input_files(tmp_path / "changed.json")
    # Such a file bears no seal: what the article says stands there, not what the file says of it.
    other.get_by_role("heading", name="From a file, not checked").first.wait_for()
    assert "The ferry Aurora carried 40 people" in other.locator(".turn .answer").first.inner_text()
    assert "sheep" not in other.locator(".turn .answer").first.inner_text()
    assert on_every_screen(other) == {}


def test_what_a_file_says_is_asked_again_here_with_the_keyboard_and_the_library_answers(
    visitor, address, tmp_path
):
    page = opened(visitor, address)
    own = turn_of(page, QUESTION).locator(".answer").inner_text()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as JSON").click()
    told = json.loads(Path(saved.value.path()).read_text("utf-8"))
    told["answers"][0]["positions"] = told["answers"][0]["conflicts"] = []
    (tmp_path / "changed.json").write_text(json.dumps(told), "utf-8")
    the_list(page).locator("input[type=file]").set_input_files(tmp_path / "changed.json")
    again = page.get_by_role("button", name="Ask it again here")
    again.wait_for()
    expect(page.locator(".notice")).to_contain_text("The file bears no seal of this Whosays")
    expect(page.locator(".turn .conflicts")).to_have_count(0)
    again.focus()
    page.keyboard.press("Enter")
    answered = turn_of(page, QUESTION).locator(".answer:not(.from-file)")
    answered.wait_for()
    assert answered.inner_text() == own
    expect(again).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator(".turn .question")).to_be_focused()
    leave_kept(page, QUESTION, "answer?.positions.length")  # the file's answer had none
    page.reload()
    turn_of(page, QUESTION).wait_for()
    assert page.locator(".turn .answer").inner_text() == own


def test_a_library_made_on_the_first_screen_is_the_one_that_is_asked(visitor, address, tmp_path):
    (tmp_path / "ferry.txt").write_text(FERRY, "utf-8")
    page = opened(visitor, address, "")
    page.get_by_text("These are examples.").wait_for()
    page.locator("#drop input[type=file]").set_input_files(tmp_path / "ferry.txt")
    page.get_by_text("Asked of the 1 article", exact=True).wait_for()
    page.locator(".results .state", has_text="Added").wait_for()
    answer = ask(page, QUESTION).get_by_role("region", name="Answer")
    expect(answer).to_contain_text("40 people")
    expect(page.locator(".notice")).to_have_count(0)
    leave_kept(page, QUESTION)
    page.reload()
    turn_of(page, QUESTION).wait_for()
    expect(the_list(page).locator("li").first).to_contain_text("My articles")


def test_an_edited_question_is_asked_in_the_place_of_its_turn_and_later_ones_stay(visitor, address):
    page = opened(visitor, address)
    ask(page, OTHER)
    turn_of(page, QUESTION).get_by_role("button", name="Edit").click()
    box = page.get_by_role("textbox", name="Edit the question")
    expect(box).to_have_value(QUESTION)
    box.press("Escape")
    expect_questions(page, QUESTION, OTHER)
    turn_of(page, QUESTION).get_by_role("button", name="Edit").click()
    box.fill("Was the pier full?")
    box.press("Enter")
    turn_of(page, "Was the pier full?").wait_for()
    expect_questions(page, "Was the pier full?", OTHER)
    leave_kept(page, "Was the pier full?")
    page.reload()
    turn_of(page, "Was the pier full?").wait_for()
    expect_questions(page, "Was the pier full?", OTHER)


def test_what_two_windows_go_on_with_is_kept_as_two(visitor, address):
    page = opened(visitor, address)
    other = page.context.new_page()
    other.set_default_timeout(60_000)
    tab = page.evaluate("({...sessionStorage})")
    other.goto(address)
    other.evaluate(
        "(tab) => Object.entries(tab).forEach(([key, value]) => sessionStorage.setItem(key, value))", tab
    )
    other.reload()
    turn_of(other, QUESTION).wait_for()
    ask(other, OTHER)
    ask(page, "Was the pier full?")
    rows = the_list(page).locator("li")
    expect(rows).to_contain_text(["2 questions", "2 questions"])
    page.reload()
    turn_of(page, "Was the pier full?").wait_for()
    other.reload()
    turn_of(other, OTHER).wait_for()


def test_no_visitor_sees_anothers_conversations(visitor, address):
    opened(visitor, address)
    stranger = opened(visitor, address, "")
    expect_questions(stranger)
    the_list(stranger).get_by_text("No conversations yet").wait_for()


def signed_in(chromium, at, name):
    page = chromium.new_context().new_page()
    page.set_default_timeout(60_000)
    page.goto(at)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("textbox", name="Your question").wait_for()
    return page


def test_who_signs_in_finds_their_conversations_anywhere_and_nobody_elses(chromium, guarded, home):
    ida = signed_in(chromium, guarded, "ida")
    ask(ida, "Will ASICs replace GPUs?")
    ida.reload()
    turn_of(ida, "Will ASICs replace GPUs?").wait_for()
    ida.get_by_role("button", name="Conversations (1)").first.wait_for()
    assert ida.evaluate("indexedDB.databases()") == []
    elsewhere = signed_in(chromium, guarded, "ida")
    dialog = the_list(elsewhere)
    dialog.get_by_text("Kept on the server, for you alone.").wait_for()
    dialog.get_by_role("button", name="Will ASICs replace GPUs?", exact=True).click()
    turn_of(elsewhere, "Will ASICs replace GPUs?").wait_for()
    ben = signed_in(chromium, guarded, "ben")
    the_list(ben).get_by_text("No conversations yet").wait_for()
    (known,) = ida.evaluate("fetch('conversations').then((one) => one.json())")
    fetched = f"fetch('conversations/{known['id']}').then((one) => one.status)"
    assert ida.evaluate(fetched) == 200
    assert ben.evaluate(fetched) == 404
    kept = list((home / "state").rglob("*.json"))
    assert len(kept) == 1
    assert not re.search("ida|ben", str(kept[0].relative_to(home / "state")))
    if sys.platform != "win32":
        assert kept[0].stat().st_mode & 0o077 == 0
    for page in (ida, elsewhere, ben):
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_holds_the_scope_and_the_list(visitor, address, scheme):
    page = opened(visitor, address, width=360, height=760, scheme=scheme)
    page.locator(".scope-button").click()
    page.get_by_label("Find a publisher or an article").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    dialog = the_list(page)
    box = dialog.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_the_cursor_stays_where_one_types_while_the_server_is_slow(chromium, guarded):
    page = signed_in(chromium, guarded, "eva")
    ask(page, QUESTION)
    names = the_list(page).locator("li .name")
    expect(names).to_have_text([QUESTION])
    page.keyboard.press("Escape")
    held = []

    def hold(route):
        held.append(route)

    lists = re.compile("/conversations$")
    page.route(lists, hold, times=1)
    dialog = the_list(page)
    search, name = dialog.get_by_role("searchbox"), dialog.get_by_role("textbox", name="New name")
    expect(search).to_be_focused()
    until(lambda: held, page)
    dialog.get_by_role("button", name="Rename").click()
    name.fill("The fer")
    with page.expect_response(lists):
        held.pop().continue_()
    page.wait_for_timeout(300)  # what came is not drawn over the name
    page.keyboard.type("ry")
    expect(name).to_have_value("The ferry")
    page.route(re.compile("/conversations/."), hold, times=1)
    page.keyboard.press("Enter")
    until(lambda: held, page)
    search.fill("FER")
    held.pop().continue_()
    expect(names).to_have_text(["The ferry"])
    page.keyboard.type("RY")
    expect(search).to_have_value("FERRY")
    page.context.close()
