"""Questions in other words: a word or two replaced by another that means the same.

People ask in words of their own; the questions of the public sets lean on those of the article. The other
words are WordNet's (Princeton University; in Debian the package `wordnet-base`), and of them the safest: the
meaning that two words share is what both are used for most.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# A meaning is safe to assume when it is so much of a word's use in the texts that WordNet's makers tagged,
# and safe to read from its synonym when it is so much of that one's.
_MEANT, _READ = 0.6, 0.4
_LEAST_SEEN = 2
# Of the words of a question that have a synonym, so many are replaced, at most two.
_SHARE, _MOST = 0.6, 2

_PARTS = {"noun": "1", "verb": "2", "adj": "3", "adv": "4"}
_WORD = re.compile(r"(?<![\w'’-])[a-z]{4,}(?![\w'’-])")
# Question words and their company, of which a synonym reads oddly or asks something else.
_KEPT = frozenset(
    """what which when where whose whom that this these those have does been were will would could should
    many much more most least name named type kind long often time year part first last than then they them
    with from into over under after before about between during there their many also only both each such
    same other some does many want like called made make used according""".split()
)


@dataclass(frozen=True, slots=True)
class Form:
    """A word as a lemma of WordNet: "bought" is "buy", its part of speech "verb", its ending "ed"."""

    lemma: str
    part: str
    ending: str


class Thesaurus:
    """The safe synonyms of WordNet, from its files in `folder`."""

    def __init__(self, folder: Path) -> None:
        seen, synsets = _senses(folder)
        self._irregular = {part: _exceptions(folder / f"{part}.exc") for part in _PARTS}
        self._formed = {
            part: {lemma: form for form, lemma in reversed(found.items())}
            for part, found in self._irregular.items()
        }
        total: dict[str, int] = defaultdict(int)
        for (lemma, *_), count in seen.items():
            total[lemma] += count
        self._words = frozenset(lemma for lemma, *_ in seen)
        self._synonyms: dict[tuple[str, str], tuple[str, ...]] = {}
        for (lemma, part, synset), count in seen.items():
            if count < _LEAST_SEEN or count < _MEANT * total[lemma]:
                continue
            others = tuple(
                one
                for one in synsets[part, synset]
                if one != lemma
                and _is_plain(one)
                and seen.get((one, part, synset), 0) >= max(1, _READ * total[one])
            )
            if others:
                self._synonyms[lemma, part] = others

    def __len__(self) -> int:
        return len(self._synonyms)

    def reword(self, question: str, draw: random.Random) -> str:
        """The question with up to two words replaced; as it is where none has a safe synonym."""
        found = [
            (match, others)
            for match in _WORD.finditer(question)
            if match[0] not in _KEPT and (others := self._others(match[0]))
        ]
        chosen = [one for one in found if draw.random() < _SHARE][:_MOST]
        for match, others in reversed(chosen):
            question = question[: match.start()] + draw.choice(others) + question[match.end() :]
        return question

    def _others(self, word: str) -> list[str]:
        """The synonyms of the word, each in its form."""
        forms = [form for form in self._forms(word) if (form.lemma, form.part) in self._synonyms]
        if len({form.part for form in forms}) != 1:
            return []
        form = forms[0]
        return [
            made
            for one in self._synonyms[form.lemma, form.part]
            if (made := self._inflect(one, form.part, form.ending)) and made != word
        ]

    def _forms(self, word: str) -> Iterable[Form]:
        """What the word may be a form of."""
        for part, irregular in self._irregular.items():
            if word in irregular:
                ending = "s" if part == "noun" else "ing" if word.endswith("ing") else "ed"
                yield Form(irregular[word], part, ending)
        for part in _PARTS:
            yield Form(word, part, "")
        for ending, parts in (("s", ("noun", "verb")), ("ed", ("verb",)), ("ing", ("verb",))):
            for stem in _stems(word, ending):
                for part in parts:
                    if stem in self._words:
                        yield Form(stem, part, ending)

    def _inflect(self, lemma: str, part: str, ending: str) -> str | None:
        """The form of the lemma; None where it is not known for sure."""
        if not ending:
            return lemma
        irregular = self._formed[part].get(lemma)
        if irregular is None or (part, ending) not in (("noun", "s"), ("verb", "ed")):
            return _regular(lemma, ending)
        return None if irregular.endswith("ing") else irregular


def _regular(lemma: str, ending: str) -> str | None:
    if lemma.endswith("e"):
        return lemma + "s" if ending == "s" else lemma[:-1] + ending
    if re.search(r"[^aeiou]y$", lemma) and ending != "ing":
        return lemma[:-1] + ("ies" if ending == "s" else "ied")
    if ending == "s":
        return lemma + ("es" if re.search(r"(?:s|x|z|ch|sh)$", lemma) else "s")
    # Whether a last consonant is doubled depends on the stress, which is not known.
    return None if re.search(r"[^aeiou][aeiou][bdgklmnprt]$", lemma) else lemma + ending


def _stems(word: str, ending: str) -> list[str]:
    """What `ending` may have been put to."""
    if not word.endswith(ending) or len(word) < len(ending) + 3:
        return []
    stem = word.removesuffix(ending)
    found = [stem]
    if ending == "s":
        found += [stem[:-1]] if stem.endswith("e") else []
        found += [stem[:-2] + "y"] if stem.endswith("ie") else []
    else:
        found.append(stem + "e")
        found += [stem[:-1] + "y"] if stem.endswith("i") else []
        found += [stem[:-1]] if stem[-1] == stem[-2] else []
    return found


def _is_plain(lemma: str) -> bool:
    return lemma.isalpha() and lemma.islower() and len(lemma) > 2


def _exceptions(file: Path) -> dict[str, str]:
    pairs = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair) >= 2}


def _senses(
    folder: Path,
) -> tuple[Mapping[tuple[str, str, str], int], Mapping[tuple[str, str], tuple[str, ...]]]:
    """How often each lemma was tagged with each synset; the lemmas of each synset.

    By lemma, part and offset; by part and offset.
    """
    order: dict[tuple[str, str], list[str]] = {}
    synsets: dict[tuple[str, str], tuple[str, ...]] = {}
    for part in _PARTS:
        for line in _lines(folder / f"index.{part}"):
            fields = line.split()
            order[fields[0], part] = fields[-int(fields[2]) :]
        for line in _lines(folder / f"data.{part}"):
            fields = line.split()
            words = [fields[4 + 2 * place] for place in range(int(fields[3], 16))]
            synsets[part, fields[0]] = tuple(word.split("(")[0].lower() for word in words)
    parts = {number: part for part, number in _PARTS.items()} | {"5": "adj"}
    seen: dict[tuple[str, str, str], int] = defaultdict(int)
    for line in (folder / "cntlist.rev").read_text(encoding="utf-8").splitlines():
        key, number, count = line.split()
        lemma, sense = key.split("%")
        part = parts[sense[0]]
        offsets = order.get((lemma, part), [])
        if int(number) <= len(offsets):
            seen[lemma, part, offsets[int(number) - 1]] += int(count)
    return seen, synsets


def _lines(file: Path) -> Iterable[str]:
    """The lines of a file of WordNet, less those of its licence."""
    return (line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("  "))
