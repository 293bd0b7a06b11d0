"""How events are measured: the accounts of stories alone, whatever copies stand beside them."""

import json
from typing import Any

import pytest

from eval.gold.sets import STORIES
from eval.stories.events import main, with_copies
from eval.stories.reading import read_stories


def measure(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    main(["--part", "dev", "--limit", "4", "--json", *options])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_story_is_copied_with_a_line_of_its_own() -> None:
    story = read_stories(STORIES["dev"].file)[0]
    copied = with_copies(story, 20)
    assert copied.accounts[: len(story.accounts)] == story.accounts
    assert len({one.text for one in copied.accounts}) == len(story.accounts) + 20
    assert len({one.key for one in copied.accounts}) == len(story.accounts) + 20
    assert with_copies(story, 0) == story


def test_copies_are_not_counted_and_part_no_accounts(capsys: pytest.CaptureFixture[str]) -> None:
    alone, copied = measure(capsys), measure(capsys, "--copies", "12")
    assert copied["articles"] == alone["articles"] + 4 * 12
    assert copied["looked_at"] == alone["looked_at"]
    assert copied["pair_recall"] >= alone["pair_recall"]
