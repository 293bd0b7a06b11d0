"""The language of a question: told where it is surely another one, and never of an English question."""

import pytest

from eval.gold.sets import STORIES
from eval.training.fit.languages import read_languages
from eval.training.fit.requests import gold_questions, story_questions
from index.errors import ModelError
from qa.question.languages import ENGLISH, FILE, UNKNOWN, Languages, load_languages
from qa.question.requests import WEIGHTS

# None of these stands in the file that the model is fitted on.
OTHERS = {
    "de": "Wann soll der neue Tunnel eröffnet werden und was wird er kosten?",
    "fr": "Quand le nouveau tunnel doit-il ouvrir et combien va-t-il coûter ?",
    "es": "¿Cuándo se va a abrir el nuevo túnel y cuánto va a costar?",
    "it": "Quando sarà aperta la nuova galleria e quanto costerà alla città?",
    "pt": "Quando é que vai abrir o novo túnel e quanto vai custar à cidade?",
    "nl": "Wanneer wordt de nieuwe tunnel geopend en wat gaat hij kosten?",
    "pl": "Kiedy zostanie otwarty nowy tunel i ile będzie kosztował?",
    "tr": "Yeni tünel ne zaman açılacak ve ne kadara mal olacak?",
    "zh": "新隧道什么时候开通？",
    "ja": "新しいトンネルはいつ開通しますか？",
    UNKNOWN: "Когда откроется новый туннель?",
}


@pytest.fixture(scope="module")
def languages() -> Languages:
    return load_languages()


@pytest.mark.parametrize(("language", "text"), OTHERS.items())
def test_a_question_in_another_language_is_told(languages: Languages, language: str, text: str) -> None:
    assert text not in {one for lines in read_languages().values() for one in lines}
    assert languages.recognise(text) == language


def test_no_english_question_is_taken_for_another_language(languages: Languages) -> None:
    asked = [
        one.text
        for part in ("sealed", "web", "rumours", "dev")
        for one in story_questions(STORIES[part].file)
    ]
    asked += [one.text for one in gold_questions()]
    assert len(asked) > 3_000
    assert sum(languages.recognise(one) != ENGLISH for one in asked) == 0


@pytest.mark.parametrize(
    "text",
    [
        "HBM?",
        "El Niño",
        "Deutsche Bahn",
        "Who owns Le Monde?",
        "What did Süddeutsche Zeitung say?",
        "2026?",
        "???",
    ],
)
def test_names_make_no_other_language(languages: Languages, text: str) -> None:
    assert languages.recognise(text) == ENGLISH


def test_the_file_is_small_and_a_missing_one_is_named(tmp_path) -> None:
    assert (WEIGHTS / FILE).stat().st_size <= 150_000
    with pytest.raises(ModelError, match=r"missing or damaged .* restore the file with git"):
        load_languages(tmp_path)
