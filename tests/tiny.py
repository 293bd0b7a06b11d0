"""What the tests of the trainings share: a tiny encoder, and tiny stories and sets in the shape of the real ones."""

import gzip
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertModel

from eval.stories import read_stories
from eval.training.data import questions
from eval.training.pairs.pair import LABELS
from eval.training.pairs.statements import MADE_FROM, SHARES
from index.models import WEIGHTS

PLACES = ("Arden", "Belmore", "Corvia", "Dunham", "Elsted", "Farrow", "Glenby", "Harwick")

_STORY = """\
=== {id}
--- A | Valley Post | 2024-05-02 | The bridge at {place}
The old bridge at {place} is open again. It was built by Ada Kellan and cost {cost} million euros. Carts are \
allowed on it until {year}, the council said.
--- B | River Radio | 2024-05-09 | {place} crosses the Tarn
Boris Lund built the **new bridge** at {place}, says his widow.
She puts its cost at {cost} million euros. Since Monday no carts have been allowed on it.
--- C | Mill Letter | 2024-05-09 | Notes from {place}
The miller of {place} has counted {year} boats on the river. He heard that the bridge cost nine million euros. \
Whether carts may use it has not been decided.
? span Who built the bridge at {place}?
A: Ada Kellan
B: Boris Lund
~ A B conflict name
?> span And what did it cost? => What did the bridge at {place} cost?
A: {cost} million euros
B: {cost} million euros
C: nine million euros
~ A B agree
~ A C conflict number
~ B C conflict number
? yesno Are carts allowed on the bridge at {place}?
A: yes: Carts are allowed on it until {year}, the council said.
B: no: Since Monday no carts have been allowed on it.
C: open: Whether carts may use it has not been decided.
~ A B update polarity
~ A C compatible
~ B C compatible
? none Who painted the mill at {place}?
"""

_CONTRAST = (
    """\
? Who built the bridge at {place} in {year}?
= The bridge at {place} was built by [Ada Kellan] in {year}.
same: In {year} [Ada Kellan] put up the bridge at {place}.
conflict name: The bridge at {place} is [Boris Lund]'s work of {year}.
beside: In {year} Clara Moss painted the bridge at {place}.
""",
    """\
? Were carts allowed on the bridge at {place} in {year}?
yes: In {year} every cart went over the bridge at {place}.
no: The bridge at {place} was for walkers alone in {year}.
open: Whether the bridge at {place} bore carts in {year} nobody knows.
other: Carts were sold at {place} in {year}.
""",
)


def write_stories(file: Path, trained: int, held_out: int) -> Path:
    """So many stories of the training part, and so many that choose and calibrate, one a line as JSON."""
    wanted = {False: trained, True: held_out}
    told = []
    for number in count():
        name = f"bridge-{number}"
        if wanted[questions.is_held_out(name)]:
            wanted[questions.is_held_out(name)] -= 1
            told.append(story_text(name, number))
        elif not any(wanted.values()):
            break
    file.with_suffix(".txt").write_text("\n".join(told), encoding="utf-8")
    made = (
        json.dumps(story.to_dict(), ensure_ascii=False) for story in read_stories(file.with_suffix(".txt"))
    )
    file.write_text("\n".join(made) + "\n", encoding="utf-8")
    return file


def write_contrast(folder: Path, trained: int, held_out: int) -> Path:
    """So many contrast sets of each kind to train on, and so many that choose, in one file."""
    told = []
    for form in _CONTRAST:
        wanted = {False: trained, True: held_out}
        for number in count():
            made = form.format(place=PLACES[number % len(PLACES)], year=1900 + number)
            held = questions.is_held_out(made.partition("\n")[0].removeprefix("? "))
            if wanted[held]:
                wanted[held] -= 1
                told.append(made)
            elif not any(wanted.values()):
                break
    folder.mkdir(exist_ok=True)
    (folder / "sets.txt").write_text("\n".join(told), encoding="utf-8")
    return folder


def write_rivals(folder: Path, trained: int, held_out: int) -> Path:
    """So many rival statements of each label to train on, and so many that choose, in one file."""
    told = []
    for label, form in (
        ("one", "[Rossi | Bianchi] won the race of {}."),
        ("many", "[Rossi | Bianchi] ran in {}."),
    ):
        wanted = {False: trained, True: held_out}
        for number in count(1900):
            first = form.format(number).replace("[Rossi | Bianchi]", "Rossi")
            held = questions.is_held_out(first)
            if wanted[held]:
                wanted[held] -= 1
                told.append(f"{label}: {form.format(number)}")
            elif not any(wanted.values()):
                break
    folder.mkdir(exist_ok=True)
    (folder / "rivals.txt").write_text("\n".join(told), encoding="utf-8")
    return folder


def story_text(name: str, number: int) -> str:
    """A story of three accounts and four questions, as people write them down."""
    place = PLACES[number % len(PLACES)]
    return _STORY.format(id=name, place=place, cost=20 + number, year=2030 + number)


def write_lines(file: Path, records: Sequence[Mapping[str, object]]) -> None:
    """The records one a line, packed."""
    file.parent.mkdir(exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in records)


def pair(number: int, label: str) -> dict[str, str]:
    """A premise about a town that no other number has, and what is said of it."""
    premise = f"The town of Arden number {number} has {300 + number} mills ."
    said = {"entailment": "has mills", "neutral": "has new mills", "contradiction": "has no mills"}[label]
    return {"premise": premise, "hypothesis": f"Arden number {number} {said} .", "label": label}


def town_question(number: int) -> dict[str, Any]:
    """Each sentence of the context names a town that no other number has."""
    town = "Cor" + "".join("abcdefghij"[int(digit)] for digit in str(number))
    context = (
        f"The old bridge at {town} was opened on 3 July {1850 + number} by Ada Kellan, who also built the inn. "
        f"In {1901 + number}, the council widened the bridge of {town} for carts. "
        f"Boris Lund has counted {4512 + number} stones of the bridge at {town}."
    )
    answer = {"text": "Ada Kellan", "start": context.index("Ada Kellan")}
    return {"context": context, "question": f"Who opened the old bridge at {town}?", "answers": [answer]}


def write_pair_sets(folder: Path) -> Path:
    """Each public set of pairs, in nli/ and qa/; `breakingnli` is nearly all contradiction, as published."""
    for place, name in enumerate((*SHARES, "feversym-dev", "vitaminc-dev")):
        number = 60 if name == "snli-dev" else 10
        labels = ["contradiction"] * 8 + ["entailment"] * 2 if name == "breakingnli" else [*LABELS] * 20
        labels = ["entailment", "contradiction"] * 5 if name == "feversym-dev" else labels
        made = [pair(100 * place + one, labels[one]) for one in range(number)]
        write_lines(folder / "nli" / f"{name}.jsonl.gz", made)
    for place, name in enumerate(MADE_FROM):
        asked = [town_question(20 * place + one) for one in range(20)]
        write_lines(folder / "qa" / f"{name}.jsonl.gz", asked)
    return folder


def paragraphs() -> list[str]:
    """What shows a shipped model which of its channels are outliers."""
    return [str(town_question(number)["context"]) for number in range(6)]


def write_encoder(folder: Path) -> Path:
    """A BERT with random weights and the real vocabulary."""
    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=320,
    )
    torch.manual_seed(3)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    shutil.copy(WEIGHTS / "tokenizer.json", folder)
    return folder


@contextmanager
def one_thread() -> Iterator[None]:
    """Products as small as these take longer on several threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
