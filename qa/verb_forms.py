"""The plain form of common verbs in the past or the third person: "won" and "wins" are of "win"."""

_IRREGULAR = """
beat/beat become/became begin/began break/broke bring/brought build/built buy/bought catch/caught
choose/chose come/came cost/cost cut/cut draw/drew drive/drove eat/ate fall/fell feel/felt fight/fought
find/found fly/flew forget/forgot get/got give/gave go/went grow/grew hear/heard hide/hid hit/hit hold/held
keep/kept know/knew lay/laid lead/led leave/left lend/lent let/let lose/lost make/made mean/meant meet/met
overthrow/overthrew pay/paid put/put quit/quit ride/rode ring/rang rise/rose run/ran say/said see/saw
seek/sought sell/sold send/sent set/set shoot/shot shut/shut sing/sang sink/sank speak/spoke spend/spent
spread/spread stand/stood steal/stole strike/struck swim/swam take/took teach/taught tell/told think/thought
throw/threw undergo/underwent understand/understood wear/wore win/won withdraw/withdrew write/wrote
""".split()
_REGULAR = """
abandon accept accuse acquire add admit adopt advise agree allow announce appear appoint approve arrest
arrive ask attack attend back ban bar block board borrow call cancel cap capture carry cause chair change
charge check claim clear close coach collapse collect complete conduct confirm control convert cover crash
create decide declare decline defeat defend delay deliver demand demolish deny deploy derail design
destroy detain develop die disagree discover draft drop drown earn elect employ end escape establish
expand expect explain fail file fill fine finish fire follow force found fund gain gather guide halt hand
happen head help hire host impose improve include increase infect injure inspect invent invest investigate
invite join judge kick kill land last launch like limit link list live load locate lock look manage mark
marry merge miss move name need negotiate notice notify obtain offer open operate oppose order organise
organize own pass perform persuade place plan plant play post postpone prepare present press prevent
produce promise promote propose protect protest prove provide publish pull purchase push question raise
rate ratify reach receive recommend record recover reduce refuse register reject release remain remove
rename repair replace reply report represent request require rescue resign respond restore resume return
reveal review rule sail save score search secure select serve settle share shift ship show sign skip
sponsor stage start stay step stop store struggle study succeed sue suffer suggest supply support survive
suspend switch target test threaten total track trade train transfer travel treat trigger turn unveil
update urge use visit vote wait walk want warn watch work
""".split()
_DOUBLING = frozenset("admit ban bar cap drop plan ship skip step stop transfer".split())


def _past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + (base[-1] if base in _DOUBLING else "") + "ed"


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


_PASTS = {past: base for base, past in (pair.split("/") for pair in _IRREGULAR)}
PLAIN = frozenset(_PASTS.values()) | frozenset(_REGULAR)

PLAIN_OF_PAST = {
    **{_past(base): base for base in _REGULAR if base not in _PASTS.values()},
    **_PASTS,
    "cancelled": "cancel",
}
PLAIN_OF_THIRD = {_third(base): base for base in sorted(PLAIN)}
