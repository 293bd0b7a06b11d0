"""Words that stand before a name or a day, by what they lead to. They are features: weights are learnt."""

from collections.abc import Mapping

# Several languages share a row; a word may stand in several.
CUES: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "by": "by von par por di da av af door przez words text story report exclusive reporting",
        "writer": "author authors writer byline reporter correspondent written writes autor autora auteur"
        " autore"
        " essay column opinion verfasser",
        "outlet": "source publisher publication outlet newspaper paper site website journal magazine"
        " medium quelle"
        " fuente fonte źródło herausgeber newsletter",
        "appeared": "appeared originally first from via clipped courtesy aus dal del in for of",
        "rights": "© (c) copyright ©️",
        "credit": "photo photos photograph photographs picture pictures image images credit credits foto"
        " fotos"
        " illustration video graphic photography bild edited editing editor translated translation camera"
        " caption"
        " figure map source:photo",
        "contact": "to cc contact contacts dear attn reply phone tel",
        "mail": "from sender",
        "published": "published posted date publication released release issued aired broadcast sent"
        " dated publié"
        " publicado pubblicato veröffentlicht erschienen gepubliceerd publisert publicerad opublikowano"
        " posted:",
        "updated": "updated update modified last corrected correction aktualisiert jour mis actualizado"
        " aggiornato"
        " actualisé bijgewerkt oppdatert",
        "other day": "accessed retrieved event deadline until since expected load-date abgerufen consulté"
        " due effective"
        " before after next meeting seen",
        "title": "title headline subject betreff titel titre título titolo re",
        "person says": "says said told writes wrote asked interview with according",
    }.items()
}
# With a capital a noun may begin a name ("Journal of …"): it leads to one only before a colon, or in
# lower case.
_NOUNS = frozenset(
    "text story report exclusive essay column opinion reporter correspondent first in of for title"
    " headline subject"
    " word image map camera figure release interview to editor after next meeting last".split()
)
_YEARS = frozenset(str(year) for year in range(1900, 2100))
KNOWN = frozenset().union(*CUES.values()) | frozenset("on at".split())
LEADING = KNOWN - CUES["outlet"] - _NOUNS | frozenset("on at this for in from".split()) | _YEARS


def cue_classes(cue: str) -> list[str]:
    """What the words of a cue may lead to."""
    words = {one.strip(".,:") for one in cue.split()} | set(cue.split())
    return [name for name, known in CUES.items() if words & known]
