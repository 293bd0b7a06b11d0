"""Gold sets of each shape are read; anything else is refused with its line and the remedy."""

import gzip
import json

import pytest

from eval.errors import GoldError
from eval.gold.questions import (
    AnswerSpan,
    Evidence,
    GoldConflict,
    GoldQuestion,
    Question,
    read_gold,
    sample,
)
from qa.records import Turn

GOLD = {
    "id": "dam-1",
    "kind": "number",
    "question": "How high is it?",
    "history": [{"question": "What was built?", "answer": "A dam."}],
    "answers": ["80 metres"],
    "evidence": [{"article": "a.txt", "quote": "The dam is 80 metres high."}],
    "conflicts": [
        {
            "kind": "number",
            "sides": [
                [{"article": "a.txt", "quote": "The dam is 80 metres high."}],
                [{"article": "b.txt", "quote": "The dam rises 85 metres."}],
            ],
        }
    ],
}
PARAGRAPH = {
    "id": "p1",
    "title": "Dams",
    "context": "The dam is 80 metres high.",
    "question": "How high?",
    "answers": [{"text": "80 metres", "start": 11}],
}
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Dams",
            "paragraphs": [
                {
                    "context": "The dam is 80 metres high.",
                    "qas": [
                        {
                            "id": "s1",
                            "question": "How high?",
                            "answers": [{"text": "80 metres", "answer_start": 11}],
                            "is_impossible": False,
                        },
                        {
                            "id": "s2",
                            "question": "How wide?",
                            "answers": [],
                            "plausible_answers": [{"text": "80 metres", "answer_start": 11}],
                            "is_impossible": True,
                        },
                    ],
                }
            ],
        }
    ],
}


def lines(path, *records):
    path.write_text(
        "\n".join(
            record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)
            for record in records
        )
        + "\n",
        encoding="utf-8",
    )
    return path


def without(record, *keys):
    return {key: value for key, value in record.items() if key not in keys}


def test_our_own_shape_is_read_whole(tmp_path):
    high = Evidence("a.txt", "The dam is 80 metres high.")
    assert read_gold(lines(tmp_path / "gold.jsonl", GOLD)) == (
        GoldQuestion(
            id="dam-1",
            kind="number",
            question="How high is it?",
            history=(Turn("What was built?", "A dam."),),
            answers=("80 metres",),
            evidence=(high,),
            conflicts=(GoldConflict("number", ((high,), (Evidence("b.txt", "The dam rises 85 metres."),))),),
        ),
    )


def test_an_unanswerable_question_needs_no_evidence_history_or_conflicts(tmp_path):
    record = {"id": "u1", "kind": "unanswerable", "question": "Who paid?", "answers": []}
    assert read_gold(lines(tmp_path / "gold.jsonl", "", record, "  ")) == (
        GoldQuestion(id="u1", kind="unanswerable", question="Who paid?"),
    )


def test_paragraph_questions_are_read_plain_and_compressed(tmp_path):
    unanswerable = {**PARAGRAPH, "id": "p2", "answers": []}
    plain = lines(tmp_path / "set.jsonl", PARAGRAPH, unanswerable)
    packed = tmp_path / "renamed.data"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    expected = (
        Question("p1", "Dams", "The dam is 80 metres high.", "How high?", (AnswerSpan("80 metres", 11),)),
        Question("p2", "Dams", "The dam is 80 metres high.", "How high?"),
    )
    assert read_gold(plain) == expected
    assert read_gold(packed) == expected
    assert expected[0].texts == ("80 metres",)


@pytest.mark.parametrize("indent", [None, 2])
def test_squad_json_is_read_on_one_line_and_on_many(tmp_path, indent):
    file = tmp_path / "dev.json"
    file.write_text(json.dumps(SQUAD, indent=indent), encoding="utf-8-sig")
    assert read_gold(file) == (
        Question("s1", "Dams", "The dam is 80 metres high.", "How high?", (AnswerSpan("80 metres", 11),)),
        Question("s2", "Dams", "The dam is 80 metres high.", "How wide?"),
    )


def test_unicode_line_separators_do_not_end_a_line(tmp_path):
    record = {**PARAGRAPH, "context": "The dam\u2028is 80\x85metres high."}
    assert read_gold(lines(tmp_path / "set.jsonl", record))[0].context == "The dam\u2028is 80\x85metres high."


@pytest.mark.parametrize(
    ("second_line", "complaint"),
    [
        ("{not json", r"gold\.jsonl, line 2: broken JSON .* mend the line"),
        (["a list"], r"line 2: the line is a JSON object, not \['a list'\]"),
        ({**GOLD, "evidnce": []}, r'line 2: unknown key "evidnce"; known here are id, kind'),
        (without(GOLD, "question"), r'line 2: "question" is None; it takes a text'),
        ({**GOLD, "question": "  "}, r'line 2: "question" is .* not empty'),
        (without(GOLD, "answers"), r'line 2: "answers" is None; it takes a list'),
        ({**GOLD, "answers": ["80 metres", ""]}, r"line 2: '' stands in \"answers\""),
        ({**GOLD, "evidence": []}, r'line 2: an answer without "evidence"'),
        ({**GOLD, "answers": []}, r'line 2: "evidence" without an answer'),
        ({**GOLD, "history": [{"query": "What?"}]}, r'line 2: unknown key "query"; known here are question'),
        ({**GOLD, "evidence": [{"article": "a.txt"}]}, r'line 2: "quote" is None'),
        (
            {**GOLD, "conflicts": [{"kind": "colour", "sides": []}]},
            r"of the kind 'colour'; known are number, date",
        ),
        (
            {**GOLD, "conflicts": [{"kind": "date", "sides": [GOLD["evidence"]]}]},
            r"1 side\(s\); it takes two",
        ),
        ({**GOLD, "conflicts": [{"kind": "date", "sides": [[], []]}]}, r"\[\] is not a side"),
        (GOLD, r"the id 'dam-1' stands there twice"),
    ],
)
def test_a_faulty_line_of_our_shape_is_refused_with_its_place(tmp_path, second_line, complaint):
    file = lines(tmp_path / "gold.jsonl", GOLD, second_line)
    with pytest.raises(GoldError, match=complaint):
        read_gold(file)


@pytest.mark.parametrize(
    ("second_line", "complaint"),
    [
        ({**PARAGRAPH, "id": "p2", "context": ""}, r'set\.jsonl, line 2: "context" is'),
        ({**PARAGRAPH, "id": 2}, r'line 2: "id" is 2; it takes a text'),
        ({**PARAGRAPH, "id": "p2", "answers": "80"}, r"line 2: \"answers\" is '80'; it takes a list"),
        ({**PARAGRAPH, "id": "p2", "answers": [{"text": "80"}]}, r'line 2: an answer whose "start" is None'),
        ({**PARAGRAPH, "id": "p2", "answers": [{"text": "", "start": 1}]}, r'line 2: "text" is'),
    ],
)
def test_a_faulty_paragraph_question_is_refused_with_its_place(tmp_path, second_line, complaint):
    file = lines(tmp_path / "set.jsonl", PARAGRAPH, second_line)
    with pytest.raises(GoldError, match=complaint):
        read_gold(file)


def test_a_faulty_squad_file_is_refused_with_article_paragraph_and_question(tmp_path):
    faulty = json.loads(json.dumps(SQUAD))
    faulty["data"][0]["paragraphs"][0]["qas"][1]["answers"] = [{"text": "80"}]
    file = tmp_path / "dev.json"
    file.write_text(json.dumps(faulty), encoding="utf-8")
    with pytest.raises(
        GoldError, match=r'article 1, paragraph 1, question s2: an answer whose "answer_start"'
    ):
        read_gold(file)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"question,answer\n", "starts with 'q', not with a JSON object"),
        (b"[1, 2]", r"starts with '\['"),
        (b'{"prompt": "x"}', r"line 1: an object with the keys 'prompt'. The evaluation reads three shapes"),
        (b'{\n"prompt": "x"}', r"an object with the keys 'prompt'. The evaluation reads three shapes"),
        (b'{"data": []}', "holds no question"),
        (b'{"data": {}}', r'"data" is \{\}; it takes a list'),
        (b'{\n"data": [\n', r"dev\.json, line 3: broken JSON"),
        (b'{"id": "\xff"}', r"is not UTF-8 \(byte 8\)"),
        (b"\x1f\x8bnot gzip after all", "cannot be read"),
    ],
)
def test_another_shape_is_refused_with_what_is_read(tmp_path, content, complaint):
    file = tmp_path / "dev.json"
    file.write_bytes(content)
    with pytest.raises(GoldError, match=complaint):
        read_gold(file)


def test_a_missing_file_or_a_folder_is_refused(tmp_path):
    with pytest.raises(
        GoldError, match=r"there is no gold set at .*absent.jsonl; check the path, or write seeds"
    ):
        read_gold(tmp_path / "absent.jsonl")
    with pytest.raises(GoldError, match="cannot be read"):
        read_gold(tmp_path)


def test_a_sample_is_the_same_each_time_keeps_the_order_and_grows_by_adding():
    questions = [GoldQuestion(id=f"q{number}", kind="x", question="?") for number in range(50)]
    ten, twenty = sample(questions, 10), sample(questions, 20)
    assert len(ten) == 10
    assert ten == sample(questions, 10)
    assert set(ten) < set(twenty)
    assert list(twenty) == [one for one in questions if one in twenty]
    assert sample(questions, None) == sample(questions, 99) == tuple(questions)
