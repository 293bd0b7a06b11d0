"""The page of articles in a real browser, over a real library in a folder of its own.

Run as a script, this file is the server: with the folder of a library, and "reading", "changing" or "choosing".
"""

import json
import re
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from eval.robustness.small_library import WordHashEmbedder
from qa.app.access.visitor import chosen_library
from qa.app.pages.articles import articles_page
from qa.app.pages.intake import LibrarySource
from qa.app.shelf.libraries import BUNDLED, Choice, Shelf
from qa.app.shelf.uploads import Allowed
from qa.library import Library
from tests.screens import on_every_screen
from tests.served import started, stay
from tests.waits import until

pytestmark = pytest.mark.browser

HOSTILE = (
    "<script>window.hacked = 1</script> <img src=x onerror='window.hacked = 1'> ${window.hacked = 1} "
    '{{constructor}} {{#each this}} `${1}` </bdi></li> &amp; " \u202e reversed \u202c'
)
FERRY = "The ferry came in late. It carried 40 people, the captain said."
BROKEN_PDF = b"%PDF-1.7 and nothing of a PDF after it"


def opened(folder: Path) -> Library:
    return Library.open(folder, embedder=WordHashEmbedder(), chunk_tokens=60, overlap_sentences=0)


def serve(folder: Path, mode: str) -> None:
    """Serve until killed."""
    from qa.app.serve.server import build

    library, allowed = opened(folder), Allowed(files=5)
    if mode == "choosing":
        shelf = Shelf(folder.parent / "shelf", open_at=opened, open_bundled=lambda: library)
        choice = Choice(shelf, chosen_library)
        source = LibrarySource(choice.library, allowed, choice.is_read_only, choice=choice)
        articles = lambda: list(choice.library().articles())  # noqa: E731
    else:
        source = LibrarySource(lambda: library, allowed, lambda: mode == "reading")
        articles = lambda: list(library.articles())  # noqa: E731
    page = articles_page(source)
    blocks = build(
        lambda question, history: None, articles=articles, examples=(), pages=[page], source=source
    )
    stay(blocks, articles=articles, pages=[page])


def filled(folder: Path) -> Path:
    """A library of 53 articles, one with a hostile title, one of them a text file as it may be uploaded."""
    source = folder / "source"
    source.mkdir()
    (source / "known.txt").write_text("The harbour was closed on Monday. Nobody said why.", encoding="utf-8")
    hostile = {"text": f"The pier is closed. {HOSTILE}", "title": HOSTILE, "publisher": "<b>Bold</b> News"}
    early = {
        "text": "The first ship came in.", "title": "A ship arrives", "publisher": "Morning Post",
        "author": "Ann Lee", "published": "2020-05-06",
    }  # fmt: skip
    rest = [
        {"text": f"Report {n} of the port. It is calm.", "title": f"Report {n}", "publisher": "Port Office", "published": "2021"}
        for n in range(50)
    ]  # fmt: skip
    lines = [json.dumps(one) for one in (hostile, early, *rest)]
    (source / "more.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with opened(folder / "library") as library:
        library.add(source)
    return folder / "library"


def opened_in_app(folder: Path, mode: str) -> AbstractContextManager[str]:
    """The address of a server, with a folder of its own for what is uploaded."""
    proxy = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    return started(__file__, str(folder), mode, log=folder.parent / "log", **proxy)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("articles"))


@pytest.fixture(scope="module")
def address(folder):
    with opened_in_app(folder, "changing") as at:
        yield at


@pytest.fixture
def visit(visitor, address):
    """Opens the page of articles."""

    def visited(*, at=address, **screen):
        page = visitor(at.rstrip("/") + "/articles", **screen)
        page.locator(".found").wait_for()
        return page

    return visited


def unfold(page, name):
    """What opens on demand: the filters, the place to add articles."""
    button = page.get_by_role("button", name=re.compile(f"^{name}"))
    if "open" not in (button.get_attribute("class") or "").split():
        button.click()


def upload(page, *files):
    """Choose files, by path or as name and bytes, and give the results' lines once nothing is in progress."""
    if page.locator("#intake-fold").count():  # on the first screen it stands open
        unfold(page, "Add articles")
    chosen = [
        file if isinstance(file, Path)
        else {"name": file[0], "mimeType": "application/octet-stream", "buffer": file[1]}
        for file in files
    ]  # fmt: skip
    page.locator("#drop input[type=file]").set_input_files(chosen)
    done = page.locator("#added .results:has(> p:not(.busy)) li")
    done.last.wait_for()
    return done.all_inner_texts()


def addresses(page):
    """Where addresses are typed."""
    unfold(page, "Add articles")
    return page.get_by_label("Or the addresses of web pages, one a line")


def search(page, words):
    page.get_by_label("Search titles").fill(words)


def remove(page, name):
    page.get_by_role("button", name=f"Remove {name}").click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_role("status").filter(has_text="Removed:").wait_for()
    expect(page.get_by_role("button", name=f"Remove {name}")).to_have_count(0)  # "Removed" may be of another


def send(page, detail):
    """What a program may send in place of the forms."""
    page.evaluate("(detail) => document.dispatchEvent(new CustomEvent('edit-sent', { detail }))", detail)


def known(folder, words):
    """The articles whose texts hold `words`, by name."""
    with opened(folder) as library:
        return {one.name: one for one in library.articles() if words in one.text}


def test_each_uploaded_file_ends_as_added_unchanged_or_refused_and_none_is_left_behind(visit, folder):
    page = visit()
    lines = upload(
        page,
        ("ferry.txt", FERRY.encode()),
        ("copy.txt", b"The harbour was closed on Monday. Nobody said why."),
        ("setup.exe", b"MZ"),
        ("broken.pdf", BROKEN_PDF),
    )
    assert [line.split()[0] for line in lines] == ["Added", "Unchanged", "Refused", "Refused"]
    assert "It is in the library already" in lines[1]
    assert 'The extension ".exe" is not supported; supported are .txt' in lines[2]
    assert "Is not a readable PDF" in lines[3]
    expect(page.locator("#added")).to_contain_text("1 added, 1 unchanged, 2 refused")

    def left():
        files = (path for path in (folder.parent / "uploads").rglob("*") if path.is_file())
        return [path for path in files if path.suffix != ".json"]

    until(lambda: left() == [], page)  # they go once the results have been sent

    search(page, "ferry")
    page.get_by_role("heading", name="1 article", exact=True).wait_for()
    page.locator(".found a[data-article]").click()
    reader = page.get_by_role("dialog", name="Article")
    expect(reader).to_contain_text(FERRY)
    reader.get_by_role("button", name="Close").click()

    remove(page, "“The ferry came in late. It carried 40…”")
    expect(page.get_by_text("No article fits.")).to_be_visible()
    with opened(folder) as library:
        assert all(article.text != FERRY for article in library.articles())


def test_more_files_than_allowed_are_refused_by_name(visit):
    files = [(f"note {n}.txt", f"Note {n} was written. It is short.".encode()) for n in range(6)]
    lines = upload(visit(), *files)
    assert [line.split()[0] for line in lines] == ["Added"] * 5 + ["Refused"]
    assert "Is beyond the limit of 5 files at once: add it with the next" in lines[5]


def over(page):
    """What is done inside is over at the end: Gradio drops what comes before all that an event sets has come."""
    return page.expect_response("**/run/predict**")  # the page asks for it then


def test_addresses_inside_the_network_and_paths_of_the_server_are_refused(visit, address):
    page = visit()
    box = addresses(page)
    for given, reason in (
        (address, "leads to port"),
        ("http://127.0.0.1/", "leads to 127.0.0.1, which is not an address on the public internet"),
        (__file__, "is not a web address"),
    ):
        box.fill(given)
        with over(page):
            box.press("Enter")
            page.locator("#added li").filter(has_text=re.compile(re.escape(reason), re.IGNORECASE)).wait_for()
        expect(box).to_have_value(given)


def test_a_folder_is_added_with_its_folders_and_what_was_refused_can_be_looked_up_later(
    visit, tmp_path, folder
):
    (tmp_path / "deep").mkdir()
    (tmp_path / "buoy.txt").write_text("The buoy drifted off on Sunday. It was found on Tuesday.")
    (tmp_path / "deep" / "buoy.txt").write_text("The second buoy stayed where it was. It was painted.")
    (tmp_path / "deep" / "engine.exe").write_bytes(b"MZ")
    page = visit()
    unfold(page, "Add articles")
    page.locator("input[webkitdirectory]").set_input_files(tmp_path)
    done = page.locator("#added .results:has(> p:not(.busy)) li")
    done.last.wait_for()
    assert sorted(line.split()[0] for line in done.all_inner_texts()) == ["Added", "Added", "Refused"]
    expect(page.locator("#added .results > p")).to_have_text("2 added, 1 refused.")
    page.reload()
    page.locator(".found").wait_for()
    unfold(page, "Add articles")
    page.get_by_text(re.compile("^Why was it not added?")).click()
    line = page.locator(".refusals li", has_text="engine.exe").first
    expect(line).to_contain_text('The extension ".exe" is not supported')
    expect(line.locator("time")).to_contain_text("UTC")
    with opened(folder) as library:
        assert library.refusals()[0].source == "engine.exe"
    assert on_every_screen(page) == {}
    search(page, "buoy")
    for name in list(known(folder, "buoy")):
        remove(page, name)


def test_addresses_are_added_one_a_line_and_those_refused_stay_in_the_box(visit):
    page = visit()
    box = addresses(page)
    box.fill("http://127.0.0.1/one\n\nhttp://127.0.0.1/two\nhttp://127.0.0.1/one")
    done = page.locator("#added .results:has(> p:not(.busy)) li")
    with over(page):
        page.get_by_role("button", name="Add pages").click()
        expect(done).to_have_count(2)
    expect(done.last).to_contain_text("127.0.0.1, which is not an address on the public internet")
    box.fill("\n".join(f"https://127.0.0.1/{n}" for n in range(101)))
    page.get_by_role("button", name="Add pages").click()
    expect(page.locator("#added").get_by_role("alert")).to_contain_text(
        "101 addresses are beyond the limit of 100"
    )


def test_what_is_typed_while_another_address_is_refused_stays(visit):
    page = visit()
    box = addresses(page)
    box.fill("http://127.0.0.1/one")
    with over(page):
        with page.expect_request("**/queue/join**"):  # else what is typed next may be sent in its place
            box.press("Enter")
        box.fill("https://example.org/two")
        page.locator("#added li", has_text="not an address on the public internet").wait_for()
    expect(box).to_have_value("https://example.org/two")


def test_a_hostile_title_stays_text_in_the_list_and_in_the_question_before_removal(visit):
    page = visit()
    search(page, "constructor")
    page.get_by_role("heading", name="1 article", exact=True).wait_for()
    row = page.locator(".found li")
    expect(row.locator("a[data-article]")).to_have_text(" ".join(HOSTILE.split()))
    expect(row).to_contain_text("<b>Bold</b> News · no date")
    row.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.locator("dialog.confirm .name")).to_have_text(" ".join(HOSTILE.split()))
    page.get_by_role("button", name="Keep it").click()
    expect(row).to_have_count(1)
    row.get_by_role("button", name=re.compile("^Edit")).click()
    expect(page.locator("#field-title")).to_have_value(" ".join(HOSTILE.split()))
    expect(page.locator("dialog.edit .name")).to_have_text(" ".join(HOSTILE.split()))
    assert page.evaluate("window.hacked") is None


def test_a_long_list_has_pages_and_narrows_by_publisher_and_date(visit):
    page = visit()
    page.get_by_role("heading", name="1 to 50 of").wait_for()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name="51 to").wait_for()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()

    unfold(page, "Filter")
    until = page.get_by_label("To", exact=True)
    expect(page.locator("#until .day-picker input[type=date]")).to_have_count(1)
    until.fill("2020-12-31")
    page.get_by_role("heading", name=re.compile(r"^1 article, \d+ undated ones left out$")).wait_for()
    line = "Morning Post · by Ann Lee · 6 May 2020 · 23 characters · What disagrees?"
    expect(page.locator(".found .facts")).to_have_text(line)

    expect(page.get_by_role("button", name="Filter (1)")).to_be_visible()
    until.fill("")
    page.get_by_role("heading", name="1 to 50 of").wait_for()

    page.get_by_role("combobox", name="Publisher").click()
    page.get_by_role("option", name="Port Office (50)").click()
    page.get_by_role("heading", name="50 articles", exact=True).wait_for()


# What is typed at once as the field comes, before the frame in which it comes is drawn.
TYPE_AT_ONCE = """() => new MutationObserver((_, watch) => {
  const field = document.querySelector("#until :is(input, textarea):not([type=date])");
  if (!field) return;
  watch.disconnect();
  const kind = Object.getPrototypeOf(field);
  Object.getOwnPropertyDescriptor(kind, "value").set.call(field, "2020-12-31");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}).observe(document.body, { childList: true, subtree: true })"""


def test_what_is_typed_as_the_filters_unfold_stays(visit):
    page = visit()
    page.get_by_role("heading", name="1 to 50 of").wait_for()
    page.evaluate(TYPE_AT_ONCE)
    unfold(page, "Filter")
    page.get_by_role("heading", name=re.compile(r"^1 article, \d+ undated ones left out$")).wait_for()
    expect(page.get_by_label("To", exact=True)).to_have_value("2020-12-31")


def test_the_keyboard_alone_opens_keeps_and_removes(visit):
    page = visit()
    search(page, "Report 33")
    page.get_by_role("heading", name="1 article", exact=True).wait_for()
    page.locator(".found a[data-article]").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="What disagrees with Report 33")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#field-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Edit Report 33")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Remove Report 33")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("No article fits.").wait_for()
    expect(page.locator(".found .empty")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Removed: Report 33")).to_be_visible()


def test_an_article_is_edited_and_its_own_word_counts_again(visit, folder):
    page = visit()
    upload(page, ("mill.md", b"# The mill opens\n\n03/04/2026\n\nThe mill was opened again. It grinds rye."))
    search(page, "mill grinds")
    page.get_by_role("heading", name="1 article", exact=True).wait_for()
    facts, edit = page.locator(".found .facts"), page.get_by_role("button", name="Edit The mill opens")
    expect(facts).to_contain_text("no publisher · no date")
    edit.click()
    published, dialog = page.locator("#field-published"), page.get_by_role("dialog")
    expect(dialog.locator(".chip")).to_have_text(["3 April 2026", "4 March 2026"])
    assert on_every_screen(page) == {}

    published.fill("03/04/2026")
    page.locator("#field-publisher").fill("Rye Post")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text(
        'Published = "03/04/2026" is not a sure date: write 2026, 2026-07 or 2026-07-03.'
    )
    expect(published).to_be_focused()
    expect(published).to_have_value("03/04/2026")
    expect(published).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#field-publisher")).to_have_value("Rye Post")
    page.get_by_role("button", name="4 March 2026").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").filter(has_text="Saved: The mill opens").wait_for()
    expect(facts).to_contain_text("Rye Post · 4 March 2026")
    expect(facts).to_contain_text("set by hand: publisher, published")
    expect(edit).to_be_focused()
    assert known(folder, "rye")["The mill opens"].published == "2026-03-04"

    page.keyboard.press("Enter")
    back = dialog.get_by_role("button", name="Leave it empty: what the article states as published")
    back.press("Enter")
    expect(published).to_have_value("")
    page.keyboard.press("Enter")
    expect(facts).to_contain_text("Rye Post · no date")
    expect(facts).to_contain_text("set by hand: publisher")
    expect(edit).to_be_focused()
    assert dict(known(folder, "rye")["The mill opens"].edited) == {"publisher": None}
    remove(page, "The mill opens")


def test_all_that_is_found_is_edited_at_once_and_two_publishers_become_one(visit, folder):
    page = visit()
    texts = [f"Gulls over the pier {n}\n\nThe gulls came {n} times. Nobody fed them." for n in (2, 3)]
    upload(page, *((f"gulls {n}.txt", text.encode()) for n, text in enumerate(texts)))
    search(page, "gulls")
    every = page.get_by_role("button", name="Edit all 2 found")
    every.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing is filled in")
    page.locator("#field-publisher").fill("Gull Nws")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Change 2 articles?").wait_for()
    assert known(folder, "gulls").popitem()[1].publisher is None  # asked first
    dialog.get_by_role("button", name="Back").click()
    expect(page.locator("#field-publisher")).to_have_value("Gull Nws")
    page.locator("#field-published").fill("July 2026")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Change 2 articles").press("Enter")
    page.get_by_role("status").filter(has_text="Changed: 2 articles").wait_for()
    expect(every).to_be_focused()
    told = {(one.publisher, one.published) for one in known(folder, "gulls").values()}
    assert told == {("Gull Nws", "2026-07")}
    assert {one.publisher for one in known(folder, "calm").values()} == {"Port Office"}

    name = next(iter(known(folder, "gulls")))
    page.get_by_role("button", name=f"Edit {name}").click()
    page.locator("#field-publisher").fill("Gull News")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Saved").wait_for()
    page.get_by_role("button", name="Merge publishers").click()
    dialog.get_by_role("checkbox", name="Gull News 1 article").check()
    dialog.get_by_role("checkbox", name="Gull Nws 1 article").check()
    page.get_by_label("The name that all get").fill("Gull News")
    assert on_every_screen(page) == {}
    dialog.get_by_role("button", name="Merge", exact=True).click()
    page.get_by_role("status").filter(has_text="Merged: 2 articles by Gull News").wait_for()
    assert {one.publisher for one in known(folder, "gulls").values()} == {"Gull News"}
    for one in list(known(folder, "gulls")):
        remove(page, one)


def test_what_is_missing_can_come_first(visit):
    page = visit()
    choose(page, "Sort", "What is missing first")
    expect(page.locator(".found li").first).to_contain_text("no publisher")
    rows = page.locator(".found li").all_inner_texts()
    missing = [sum(f"no {what}" in row for what in ("title", "publisher", "date")) for row in rows]
    assert missing == sorted(missing, reverse=True)
    assert missing[0] > missing[-1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_page_does_not_scroll_sideways(visit, scheme):
    page = visit(width=360, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_library_that_is_only_read_takes_and_gives_nothing(visit, folder):
    with opened_in_app(folder, "reading") as at:
        page = visit(at=at)
        expect(page.locator("#articles-head")).to_contain_text("This library is read-only.")
        expect(page.locator("#drop")).not_to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^(Remove|Edit|Merge)"))).to_have_count(0)
        first = page.locator(".found a").first.get_attribute("href").rpartition("/")[2]
        page.locator("#article-list > *, #article-list").first.evaluate(
            "(list, id) => list.querySelector('.found').dispatchEvent("
            "new CustomEvent('remove-article', { detail: id, bubbles: true }))",
            first,
        )
        page.get_by_role("alert").filter(has_text="read-only").wait_for()
        page.reload()
        page.locator(".found").wait_for()
        send(page, {"do": "save", "article": first, "values": {"title": "Changed"}})
        page.get_by_role("alert").filter(has_text="read-only").wait_for()
        with opened(folder) as library:
            assert library.article(first).title != "Changed"
        page.close()


def test_a_new_library_is_made_filled_and_left_again_and_the_choice_is_kept(visit, folder):
    with opened_in_app(folder, "choosing") as at:
        page = visit(at=at, width=360)
        chosen = page.locator("#libraries .open[aria-current]")
        page.get_by_role("button", name="Menu").click()
        expect(chosen).to_have_text(BUNDLED)
        page.get_by_role("button", name="New library").click()
        page.get_by_role("dialog").get_by_label("Name").fill("The port")
        page.keyboard.press("Enter")
        page.get_by_text("There are no articles in this library yet. Add some above.").wait_for()
        assert upload(page, ("ferry.txt", FERRY.encode()))[0].startswith("Added")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

        other = visit(at=at)
        expect(other.locator("#libraries .open[aria-current]")).to_have_text(BUNDLED)
        expect(other.get_by_role("heading", name="1 to 50 of")).to_be_visible()
        other.close()

        page.reload()
        page.get_by_role("heading", name="1 article", exact=True).wait_for()
        page.get_by_role("button", name="Menu").click()
        expect(chosen).to_have_text("The port")
        page.locator("#libraries").get_by_role("button", name=BUNDLED, exact=True).click()
        page.get_by_text("This library is read-only.").wait_for()
        expect(page.get_by_role("heading", name="1 to 50 of")).to_be_visible()
        page.close()


def choose(page, menu, option):
    unfold(page, "Filter")
    page.get_by_role("combobox", name=menu).click()
    page.get_by_role("option", name=option).click()


def test_texts_are_searched_and_the_row_leads_to_the_words(visit):
    page = visit()
    search(page, "harbour close")
    page.get_by_role("heading", name="1 article", exact=True).wait_for()
    excerpt = page.locator(".found .excerpt")
    expect(excerpt.locator("mark")).to_have_text(["harbour", "closed"])
    excerpt.get_by_role("link").click()
    expect(page.get_by_role("dialog", name="Article").locator("mark")).to_have_text("harbour")


def test_a_list_is_sorted_grouped_and_paged_on_the_server_and_never_long(visit):
    page = visit()
    choose(page, "Sort", "Title")
    page.locator(".found li a[data-article]").first.filter(has_text=re.compile("^<script>")).wait_for()
    choose(page, "Group", "By month")
    first = page.locator(".found h3").first
    expect(first).to_have_text(re.compile("^2021"))
    expect(page.locator(".found li")).to_have_count(50)
    assert page.evaluate("document.documentElement.scrollHeight") < 8000
    expect(page.get_by_text("Page 1 of 2", exact=True)).to_be_visible()
    choose(page, "Group", "By publisher")
    expect(first).to_contain_text("Bold")
    page.get_by_role("button", name="Next").click()
    page.get_by_text("Page 2 of 2", exact=True).wait_for()
    expect(first).to_have_text(re.compile(r"^Port Office\s+\d+ articles, continued$"))
    expect(page).to_have_title("Articles - Whosays")


def test_a_file_that_is_too_large_is_told_in_our_words_and_the_others_are_added(visit, tmp_path):
    page = visit()
    (tmp_path / "large.txt").write_bytes(b"x" * 20_000_001)
    (tmp_path / "small.txt").write_text("A small note was added. It is short.", encoding="utf-8")
    lines = upload(page, tmp_path / "large.txt", tmp_path / "small.txt")
    assert [line.split()[:2] for line in lines] == [["Added", "small.txt"]]
    told = page.get_by_role("alert").filter(has_text="large.txt")
    expect(told).to_contain_text("large.txt has 21 MB, more than the limit of 20 MB.")
    search(page, "small note")
    page.get_by_role("heading", name="1 article", exact=True).wait_for()
    remove(page, "“A small note was added. It is short.”")


@pytest.mark.parametrize("other", ["The oar", "The tug"])
def test_what_was_confirmed_is_removed_though_the_list_was_drawn_anew_meanwhile(visit, folder, other):
    """The list that comes holds the article that was not asked about, or the one that was."""
    page = visit()
    files = [(f"{name}.txt", f"The {name} left the pier. It came back.".encode()) for name in ("oar", "tug")]
    assert [line.split()[0] for line in upload(page, *files)] == ["Added", "Added"]
    search(page, "pier back")
    page.get_by_role("heading", name="2 articles", exact=True).wait_for()
    held = []

    def hold(route):
        held.append(route)

    page.route("**/run/predict", hold, times=1)
    search(page, f"{other} left the pier")
    until(lambda: held, page)
    page.get_by_role("button", name="Remove “The tug left").click()
    held.pop().continue_()
    expect(page.locator(".found li")).to_have_count(1)
    page.get_by_role("button", name="Remove it").click()
    page.get_by_role("status").filter(has_text="Removed: “The tug left").wait_for()
    assert [name.split()[1] for name in known(folder, "left the pier")] == ["oar"]
    search(page, "oar left the pier")
    remove(page, "“The oar left the pier. It came back.”")


def test_all_that_are_found_are_removed_only_where_they_are_those_that_were_shown(visit, folder):
    """Another search that is on its way finds as many."""
    page = visit()
    texts = [
        f"The {name} lay at the {place}. It was new."
        for place in ("jetty", "sluice")
        for name in ("net", "reel")
    ]
    assert all(
        line.startswith("Added")
        for line in upload(page, *((f"{n}.txt", one.encode()) for n, one in enumerate(texts)))
    )
    search(page, "jetty")
    remove_all = page.get_by_role("button", name="Remove all 2 found")
    held = []

    def hold(route):
        held.append(route)

    expect(page.locator(".found li")).to_have_count(2)
    page.route("**/run/predict", hold, times=1)
    search(page, "sluice")
    until(lambda: held, page)
    remove_all.click()
    page.get_by_role("button", name="Remove them").click()
    held.pop().continue_()
    told = page.get_by_role("alert").filter(has_text="nothing was removed: the list has changed since")
    told.wait_for()
    assert len(known(folder, "sluice")) == len(known(folder, "jetty")) == 2
    for words in ("sluice", "jetty"):
        search(page, words)
        page.get_by_role("link", name=f"lay at the {words}").first.wait_for()
        remove_all.click()
        page.get_by_role("button", name="Remove them").click()
        page.get_by_text("No article fits.").wait_for()
        assert known(folder, words) == {}


def test_the_first_screen_of_the_examples_makes_a_library_of_ones_own(visitor, folder):
    with opened_in_app(folder, "choosing") as at:
        page = visitor(at)
        page.get_by_text("These are examples.").wait_for()
        assert upload(page, ("ferry.txt", FERRY.encode()))[0].startswith("Added")
        page.locator("#masthead").get_by_text("1 article").wait_for()
        page.reload()
        page.locator("#masthead").get_by_text("1 article").wait_for()
        expect(page.locator("#drop")).not_to_be_visible()

        other = visitor(f"{at}articles")
        number = other.get_by_role("heading", name="1 to 50 of").inner_text()
        other.goto(at)
        other.get_by_role("button", name="Make a library of your own from these articles").click()
        other.get_by_text("was made from these articles. It is yours").wait_for()
        other.wait_for_function("document.cookie.includes('whosays-library=')")
        other.goto(f"{at}articles")
        other.get_by_role("heading", name=number, exact=True).wait_for()
        expect(other.locator("#libraries .open[aria-current]")).to_have_text(re.compile("^My articles"))
        unfold(other, "Add articles")
        expect(other.locator("#drop")).to_be_visible()
        expect(other.locator("button[data-remove]")).to_have_count(50)
        page.close()
        other.close()


def test_an_empty_library_begins_with_the_place_to_drop_articles(visitor, tmp_path):
    with opened(tmp_path / "library") as empty:
        assert len(empty) == 0
    with opened_in_app(tmp_path / "library", "changing") as at:
        page = visitor(at)
        page.get_by_text("Add the articles that you want to ask.").wait_for()
        above, box = (page.locator(one).bounding_box()["y"] for one in ("#drop", "#question"))
        assert above < box
        page.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
