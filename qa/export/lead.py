"""What stands above an answer to what was no plain question: what it was taken for, and what it counts.

Made of the answer alone, wherever it is shown: in the app, in a terminal, in what is exported.
"""

import datetime
from collections.abc import Callable, Iterable
from types import MappingProxyType

from index.names import source_name
from qa.records import Answer, Citation, TakenAs

# "The articles are read in English only. These statements come nearest to your question."
NEAREST = MappingProxyType({
    "de": "Die Artikel werden nur auf Englisch gelesen. Diese Aussagen kommen Ihrer Frage am nächsten.",
    "fr": "Les articles sont lus en anglais seulement. Voici les phrases les plus proches de votre question.",
    "es": "Los artículos se leen solo en inglés. Estas frases son las más cercanas a su pregunta.",
    "it": "Gli articoli vengono letti solo in inglese. Queste frasi sono le più vicine alla sua domanda.",
    "pt": "Os artigos são lidos apenas em inglês. Estas frases são as mais próximas da sua pergunta.",
    "nl": "De artikelen worden alleen in het Engels gelezen. Deze zinnen komen het dichtst bij uw vraag.",
    "pl": "Artykuły są czytane tylko po angielsku. Te zdania są najbliższe Pana/Pani pytaniu.",
    "tr": "Makaleler yalnızca İngilizce okunur. Sorunuza en yakın cümleler bunlardır.",
    "zh": "文章只按英文阅读。以下是与您的问题最接近的句子。",
    "ja": "記事は英語でのみ読み取られます。ご質問に最も近い文は次のとおりです。",
    "": "Articles are read in English only. These statements come nearest to your question.",
})  # fmt: skip
NONE_NEAR = MappingProxyType({
    "de": "Die Artikel werden nur auf Englisch gelesen. Bitte fragen Sie auf Englisch.",
    "fr": "Les articles sont lus en anglais seulement. Posez votre question en anglais, s'il vous plaît.",
    "es": "Los artículos se leen solo en inglés. Por favor, pregunte en inglés.",
    "it": "Gli articoli vengono letti solo in inglese. Per favore, faccia la domanda in inglese.",
    "pt": "Os artigos são lidos apenas em inglês. Por favor, pergunte em inglês.",
    "nl": "De artikelen worden alleen in het Engels gelezen. Stel uw vraag in het Engels.",
    "pl": "Artykuły są czytane tylko po angielsku. Proszę zadać pytanie po angielsku.",
    "tr": "Makaleler yalnızca İngilizce okunur. Lütfen sorunuzu İngilizce sorun.",
    "zh": "文章只按英文阅读。请用英文提问。",
    "ja": "記事は英語でのみ読み取られます。英語でご質問ください。",
    "": "Articles are read in English only. Please ask in English.",
})  # fmt: skip

_STEPS = ((0.8, "Quite sure"), (0.5, "Fairly sure"), (0.0, "Not very sure"))


def lead_text(answer: Answer) -> str:
    """In one or two sentences; "" for a plain question. It may hold words of articles and of visitors."""
    told: dict[TakenAs, Callable[[Answer], str]] = {
        "sure": _sureness,
        "source": _source,
        "others": _others,
        "about": lambda one: f"Asked as: “{one.standalone_question}”",
        "news": _news,
        "outlets": lambda _: "",
        "foreign": _foreign,
    }
    make = told.get(answer.taken_as)
    return make(answer) if make is not None else ""


def _sureness(answer: Answer) -> str:
    """How sure the earlier answer is, who else says so, and who differs."""
    if answer.status != "answered":
        return "No: these are the closest statements, and it is not sure that any of them answers."
    step = next(word for least, word in _STEPS if answer.confidence >= least)
    share = (
        f"{step}: of answers with this confidence about {round(answer.confidence * 100)} in 100 are right."
    )
    first = answer.positions[0].citations if answer.positions else answer.citations
    same = _outlets(first[1:], without=_outlets(first[:1]))
    opposed = {
        one.article_id for conflict in answer.conflicts for one in conflict.statements if one not in first
    }
    others = [one for position in answer.positions[1:] for one in position.citations]
    others += [one for conflict in answer.conflicts for one in conflict.statements if one not in first]
    against = _outlets(one for one in others if one.article_id in opposed)
    otherwise = _outlets((one for one in others if one.article_id not in opposed), without=against)
    counted = [
        f"{_join(same)} {_verb(same, 'says', 'say')} the same" if same else "No other source says the same",
        f"{_join(against)} may contradict it" if against else "",
        f"{_join(otherwise)} {_verb(otherwise, 'says', 'say')} something else" if otherwise else "",
    ]
    return f"{share} {'; '.join(one for one in counted if one)}."


def _source(answer: Answer) -> str:
    """Who is quoted: outlet, byline and day, and whom it names itself."""
    quoted = (*answer.citations, *answer.closest)[:1]
    if not quoted:
        return ""
    one = quoted[0]
    stated = [
        source_name(one.publisher, one.uri),
        f"by {one.author}" if one.author else "",
        _date(one.published) if one.published else "",
    ]
    leans = f", which takes it from {one.according_to}" if one.according_to else ""
    return f"This stands in {', '.join(part for part in stated if part)}{leans}."


def _others(answer: Answer) -> str:
    """How many others there are."""
    if answer.status == "unanswered":
        return "No other source was found to answer this."
    found = _outlets([*(one for each in answer.positions for one in each.citations), *answer.closest])
    return f"Without the source quoted first: what {_join(found)} {_verb(found, 'says', 'say')}."


def _news(answer: Answer) -> str:
    since = answer.scope.since
    if not since:
        return ""
    many = answer.scope.articles
    return f"Published since {_date(since, weekday=True)}: {many:,} article{'' if many == 1 else 's'}."


def _foreign(answer: Answer) -> str:
    told = NEAREST if answer.status == "closest" else NONE_NEAR
    return told.get(answer.language, told[""])


def _outlets(citations: Iterable[Citation], without: Iterable[str] = ()) -> list[str]:
    """Their names, each once, without some."""
    left = set(without)
    names = (source_name(one.publisher, one.uri) for one in citations)
    return [one for one in dict.fromkeys(names) if one not in left]


def _verb(names: list[str], one: str, several: str) -> str:
    return one if len(names) == 1 else several


def _join(names: list[str], most: int = 4) -> str:
    shown = names[:most]
    more = len(names) - len(shown)
    if more > 0:
        shown = [*shown, f"{more} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _date(day: str, *, weekday: bool = False) -> str:
    """ "3 July 2026" of an ISO date; as it stands where it is less exact."""
    try:
        found = datetime.date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found:%A}, {found.day} {found:%B %Y}" if weekday else f"{found.day} {found:%B %Y}"
