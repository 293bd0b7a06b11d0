"""Of two choices in a row the last one counts, however slowly the first is answered."""

from playwright.sync_api import expect

from tests.served import SMALL, served, shelve


def test_a_publisher_chosen_while_another_is_sought_is_the_one_that_is_shown(visitor, tmp_path):
    with served(library=shelve(tmp_path), log=tmp_path / "log", **SMALL) as at:
        page = visitor(f"{at}articles")
        page.get_by_role("button", name="Filter").click()
        first, held = [], []

        def slowly(route):
            if not first and '"Evening News"' in (route.request.post_data or ""):
                first.append(route)
                held.append((route, route.fetch()))
            else:
                route.continue_()

        def choose(name):
            page.get_by_role("combobox", name="Publisher").click()
            page.get_by_role("option", name=name).click()

        page.route("**/run/predict", slowly)
        choose("Evening News (1)")
        page.wait_for_timeout(1500)
        ((route, response),) = held
        choose("Morning Post (1)")
        page.wait_for_timeout(1000)
        route.fulfill(response=response)
        expect(page.get_by_role("link", name="Ferry", exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="Police", exact=True)).to_have_count(0)
