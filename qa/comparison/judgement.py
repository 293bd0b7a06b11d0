"""What the judge makes of the sentences that were read: each article's best ones, scored anew, and its stand.

No threshold cuts an article before the judge has read its likeliest sentences. A score comes from four looks:
the reader's, the judge's at the sentence and at the whole excerpt, and the small comparison model's.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from qa.comparison.evidence import before_of, log_odds, probability, to_model_statement
from qa.comparison.excerpt import EXCERPT_TOKENS, QUESTION_TOKENS, TITLE_CHARACTERS, Excerpt, choose_sentences
from qa.comparison.model import Comparison, Judge, ReadExcerpt, StanceShares
from qa.comparison.reranking import ScoredCitation, in_order
from qa.question.conversation import Understood
from qa.question.kinds import Kind
from qa.reader.boundaries import extend
from qa.reader.candidates import headline, view_of
from qa.reader.spans import best_stretch, enclosing_stretch
from qa.records import Citation
from qa.weights.fitted import load_fitted

# No share counts as less.
_LEAST = 1e-4
# Of an article so many sentences are kept, and so many are also shown to the small model.
KEPT = 2
# So many articles are read before the others where somebody waits for a first answer.
LIKELIEST = 2
# Word pieces of a row beside title, question and sentences, and how many a row's question may have.
_MARKS = 6
# The share that the judge gives an article's stand where a sentence says so by itself. It is less sure of
# a lone sentence than of the excerpts that it learned from.
_FOUND_ALONE = 0.2
# The place of "none of them" among a stand's four shares.
_OTHER = 3
# How much the reader's log-odds count beside the judge's where an article's best sentences are chosen.
_READER = 0.3


@dataclass(frozen=True, slots=True)
class _Read:
    """One article's sentences that were read, in order, the excerpt of them, and their places in it."""

    sentences: tuple[Citation, ...]
    excerpt: Excerpt
    chosen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A sentence, by its place in its article's excerpt, and what the judge says of that."""

    citation: Citation
    excerpt: Excerpt
    place: int
    told: ReadExcerpt
    features: tuple[float, ...]


def judge_articles(
    asked: Understood,
    citations: Sequence[Citation],
    texts: Mapping[str, str],
    comparison: Comparison,
) -> list[ScoredCitation]:
    """The best sentences of each article, likeliest first, with the article's stand on a yes/no question.

    `citations` are all sentences that were read, best first, one or more words quoted of each. The models
    hear the question as it stands alone. `comparison` has a judge. Ties by article id and offset.
    """
    judge = comparison.judge
    assert judge is not None
    if not citations:
        return []
    kind, question = asked.kind, asked.standalone
    read = _excerpts(question, citations, texts, judge)
    told = _read_once(question, [one.excerpt for one in read], judge)
    found: list[_Seen] = []
    for article, seen in zip(read, told, strict=True):
        found += _best(article, seen)
    small = comparison.stances(
        question, [to_model_statement(one.citation, before_of(one.citation, texts)) for one in found]
    )
    weights = load_fitted().judgement[kind]
    judged: list[ScoredCitation] = []
    for one, share in zip(found, small, strict=True):
        features = (*one.features, log_odds(0.5 if share.answers is None else share.answers), 1.0)
        citation = replace(_words(one, kind), score=probability(weights, features))
        looks = (one.told.stance, share) if kind == "yes_no" else None
        stand = stand_of(*looks) if looks else None
        judged.append(ScoredCitation(citation, stand, features, looks))
    return sorted(_mark_elsewhere(question, judged, judge), key=in_order)


def of_likeliest(citations: Sequence[Citation]) -> list[Citation]:
    """Those of the first articles: so many that the judge reads them at once on two processors."""
    first = list(dict.fromkeys(one.article_id for one in citations))[:LIKELIEST]
    return [one for one in citations if one.article_id in first]


def _mark_elsewhere(question: str, judged: Sequence[ScoredCitation], judge: Judge) -> list[ScoredCitation]:
    """Those whose article holds a yes or no that the judge hardly finds in the sentence alone are marked.

    Source: own measurement, 131 verdicts on stories of the part `dev`, read by hand: of 12 whose sentence
    does not say so 5 are marked, and 8 of 119 others; where another stand need only be likelier, 7 and 18.
    By the small model's look at the sentence 6 and 33 would be.
    """
    held = {
        at: _find_likeliest(one.stance)
        for at, one in enumerate(judged)
        if one.stance is not None and _find_likeliest(one.stance) != _OTHER
    }
    alone = [Excerpt("", (judged[at].citation.sentence,), (0,)) for at in held]
    marked = list(judged)
    for (at, stand), seen in zip(
        held.items(), _read_once(question, alone, judge) if alone else (), strict=True
    ):
        if _shares(seen.stance)[stand] < _FOUND_ALONE:
            marked[at] = replace(judged[at], citation=replace(judged[at].citation, elsewhere=True))
    return marked


def stand_of(
    judge: StanceShares, small: StanceShares, weights: Sequence[float] | None = None
) -> StanceShares:
    """What an article holds: the judge's look at it and the small model's at its best sentence, together.

    A product of powers, so that a look that is unsure counts little; `weights` are the fitted ones unless
    given.
    """
    of_judge, of_small = load_fitted().stand if weights is None else weights
    logs = [
        of_judge * math.log(max(one, _LEAST)) + of_small * math.log(max(other, _LEAST))
        for one, other in zip(_shares(judge), _shares(small), strict=True)
    ]
    likely = [math.exp(one - max(logs)) for one in logs]
    yes, no, undecided, other = (one / sum(likely) for one in likely)
    return StanceShares(yes, no, undecided, other, judge.answers)


def _find_likeliest(stance: StanceShares) -> int:
    """Which of yes, no, open, and none of them; by its place."""
    shares = _shares(stance)
    return shares.index(max(shares))


def _shares(stance: StanceShares) -> tuple[float, float, float, float]:
    return stance.yes, stance.no, stance.open, stance.other


def _excerpts(
    question: str, citations: Sequence[Citation], texts: Mapping[str, str], judge: Judge
) -> list[_Read]:
    of: dict[str, dict[int, Citation]] = {}
    for one in citations:
        of.setdefault(one.article_id, {}).setdefault(one.sentence_start, one)
    articles = [[own[at] for at in sorted(own)] for own in of.values()]
    views = [[view_of(one.sentence).text for one in article] for article in articles]
    titles = [headline(article[0].publisher, article[0].title)[:TITLE_CHARACTERS] for article in articles]
    counted = judge.lengths([question, *titles, *(text for own in views for text in own)])
    room = EXCERPT_TOKENS - _MARKS - min(counted[0], QUESTION_TOKENS)
    at = 1 + len(titles)
    made: list[_Read] = []
    for number, (article, own) in enumerate(zip(articles, views, strict=True)):
        lengths = counted[at : at + len(own)]
        at += len(own)
        chosen = choose_sentences([one.score for one in article], lengths, room - counted[1 + number])
        numbers = _numbers(article, texts[article[0].article_id])
        excerpt = Excerpt(
            titles[number], tuple(own[place] for place in chosen), tuple(numbers[place] for place in chosen)
        )
        made.append(_Read(tuple(article), excerpt, tuple(chosen)))
    return made


def _numbers(sentences: Sequence[Citation], text: str) -> list[int]:
    """A number for each sentence, one more than that of the one before where nothing was left out between."""
    numbers = [0]
    for one, other in pairwise(sentences):
        apart = bool(text[one.sentence_end : other.sentence_start].strip())
        numbers.append(numbers[-1] + 1 + apart)
    return numbers


def _read_once(question: str, excerpts: Sequence[Excerpt], judge: Judge) -> list[ReadExcerpt]:
    """What the judge says of each excerpt; of copies that hold the same words once."""
    once = list(dict.fromkeys(excerpts))
    told = dict(zip(once, judge.read(question, once), strict=True))
    return [told[one] for one in excerpts]


def _best(article: _Read, told: ReadExcerpt) -> list[_Seen]:
    """The article's likeliest sentences with what was seen of them, the first `KEPT`."""
    answers = log_odds(0.5 if told.stance.answers is None else told.stance.answers)
    found: list[tuple[float, int, _Seen]] = []
    for place, (at, logit) in enumerate(zip(article.chosen, told.sentences, strict=True)):
        if logit is not None:
            citation = article.sentences[at]
            reader = log_odds(citation.score)
            one = _Seen(citation, article.excerpt, place, told, (reader, logit, answers))
            found.append((logit + _READER * reader, -at, one))
    return [one for *_, one in sorted(found, key=lambda each: each[:2], reverse=True)[:KEPT]]


def _words(one: _Seen, kind: Kind) -> Citation:
    """The citation with the words that the judge takes for the answer, else with the whole sentence."""
    citation = one.citation
    whole = replace(
        citation, start=citation.sentence_start, end=citation.sentence_end, quote=citation.sentence
    )
    if kind not in ("span", "list"):
        return whole
    low = sum(len(text) + 1 for text in one.excerpt.sentences[: one.place])
    choose = enclosing_stretch if kind == "list" else best_stretch
    stretch = choose(one.told.window, low, low + len(one.excerpt.sentences[one.place]))
    if stretch is None:
        return whole
    view = view_of(citation.sentence)
    inside = view.original(*extend(view.text, stretch.start - low, stretch.end - low))
    begin = citation.sentence_start
    quote = citation.sentence[inside.start : inside.end]
    return replace(citation, start=begin + inside.start, end=begin + inside.end, quote=quote)
