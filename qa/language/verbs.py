"""The forms of common English verbs: which word of a sentence is one, and its plain form.

Vocabulary for grammar only: no meaning is decided by it, and a verb that is missing is not seen as one.
"""

_IRREGULAR = """
arise/arose/arisen awake/awoke/awoken bear/bore/borne beat/beat/beaten become/became/become
begin/began/begun bend/bent/bent bet/bet/bet bid/bid/bid bind/bound/bound bite/bit/bitten bleed/bled/bled
blow/blew/blown break/broke/broken breed/bred/bred bring/brought/brought broadcast/broadcast/broadcast
build/built/built burst/burst/burst buy/bought/bought cast/cast/cast catch/caught/caught choose/chose/chosen
cling/clung/clung come/came/come cost/cost/cost creep/crept/crept cut/cut/cut deal/dealt/dealt dig/dug/dug
draw/drew/drawn drink/drank/drunk drive/drove/driven eat/ate/eaten fall/fell/fallen feed/fed/fed
feel/felt/felt fight/fought/fought find/found/found flee/fled/fled fly/flew/flown forbid/forbade/forbidden
forecast/forecast/forecast foresee/foresaw/foreseen forget/forgot/forgotten forgive/forgave/forgiven
freeze/froze/frozen get/got/got give/gave/given go/went/gone grow/grew/grown hang/hung/hung hear/heard/heard
hide/hid/hidden hit/hit/hit hold/held/held hurt/hurt/hurt keep/kept/kept know/knew/known lay/laid/laid
lead/led/led leave/left/left lend/lent/lent let/let/let lie/lay/lain lose/lost/lost make/made/made
mean/meant/meant meet/met/met mislead/misled/misled outgrow/outgrew/outgrown overcome/overcame/overcome
oversee/oversaw/overseen overtake/overtook/overtaken overthrow/overthrew/overthrown pay/paid/paid
put/put/put quit/quit/quit read/read/read rebuild/rebuilt/rebuilt ride/rode/ridden ring/rang/rung
rise/rose/risen run/ran/run say/said/said see/saw/seen seek/sought/sought sell/sold/sold send/sent/sent
set/set/set shake/shook/shaken shoot/shot/shot shrink/shrank/shrunk shut/shut/shut sing/sang/sung
sink/sank/sunk sit/sat/sat sleep/slept/slept slide/slid/slid speak/spoke/spoken spend/spent/spent
spin/spun/spun split/split/split spread/spread/spread stand/stood/stood steal/stole/stolen stick/stuck/stuck
strike/struck/struck strive/strove/striven swear/swore/sworn sweep/swept/swept swim/swam/swum
swing/swung/swung take/took/taken teach/taught/taught tear/tore/torn tell/told/told think/thought/thought
throw/threw/thrown undergo/underwent/undergone understand/understood/understood
undertake/undertook/undertaken uphold/upheld/upheld wake/woke/woken wear/wore/worn weave/wove/woven
win/won/won wind/wound/wound withdraw/withdrew/withdrawn withhold/withheld/withheld
withstand/withstood/withstood write/wrote/written
""".split()
_REGULAR = """
abandon abolish absorb accelerate accept accompany account accuse achieve acknowledge acquire act adapt add
address adjust admit adopt advance advise affect agree aid aim alert align allege allocate allow alter amend
amount analyse analyze announce anticipate apologise apologize appeal appear apply appoint approach approve
argue arrange arrest arrive ask assassinate assemble assert assess assign assist assume assure attach attack
attempt attend attract attribute auction authorise authorize avoid await award back ban bar base batter
believe belong benefit blame block board boast book boost borrow boycott breach brief buckle call cancel
capture carry cause cease celebrate certify challenge change charge charter chase check cite claim classify
clean clear climb close collaborate collapse collect combine command commence comment commission commit
compare compete compile complain complete complicate compose comprise compromise conceal concede concern
conclude condemn conduct confirm conflict confront congratulate connect conquer consider consist construct
consult consume contact contain contend contest continue contract contradict contribute control convert
convict cool cooperate coordinate correct count counter cover crack crash create credit criticise criticize
cross cultivate damage date debate debut decide declare decline decrease dedicate defeat defend define delay
delete deliver demand demolish demonstrate deny depart depend deploy deposit derail describe deserve design
destroy detail detain detect deteriorate determine develop devote die differ direct disagree disappear
disclose discontinue discover discuss dismantle dismiss display dispute disrupt dissolve distribute divert
divide donate double doubt download draft drain drop dry dump earn ease edit elect eliminate embark embrace
emerge emphasise emphasize employ enable encounter encourage end endorse enforce engage enhance enjoy
enlarge enlist ensure enter entitle equip erupt escape establish estimate evacuate evaluate examine exceed
exchange exclude execute exhibit exist expand expect experience expire explain explode explore export expose
express extend extract face facilitate fade fail favor favour feature file fill film finance fine finish
fire fix flood flow focus follow force form found free fuel fulfil fulfill fund gain gather generate govern
grade grant guarantee guard guide halt halve hand handle happen harm harvest haul head help highlight hike
hinder hire honor honour hope host house identify ignore illustrate impact implement imply import impose
imprison improve include incorporate increase incur indicate influence inform inherit initiate inject injure
innovate inquire insist inspect inspire install instruct insure integrate intend interview introduce invade
invent invest investigate invite involve issue join judge jump justify kick kill label lack land last launch
lecture level levy license lift limit link list listen load locate lock log look lower maintain manage
manufacture march mark market marry match mature measure mediate melt mention merge migrate mine miss mix
mobilise mobilize modernise modernize modify monitor motivate mount move multiply murder name near need
negotiate nominate notch note notice notify number object oblige observe obtain occupy occur offer open
operate oppose opt order organise organize originate oust overlook overturn owe own pack paint park
participate partner pass patrol pause peak perform permit persuade phase photograph pick pilot place plan
plant play plead pledge point poison poll position possess post postpone pour practise praise predict prefer
prepare present preserve press prevent print privatise privatize proceed process produce profit prohibit
project promise promote prompt propose prosecute protect protest prove provide provoke publicise publish
pull pump punish purchase pursue push qualify question quote raise range rank rate ratify reach react
realise realize recall receive reclaim recognise recognize recommend reconsider record recover recruit
recycle redesign redirect reduce refer refine reflect refurbish refuse regain regard register regulate
reinforce reject relate relax release relieve relocate rely remain remember remind remove rename renew
renovate rent repair repeal repeat replace reply report represent reproduce request require rescue research
reserve reshape resign resist resolve respond rest restore restrict restructure result resume retain retire
retreat retrieve return reveal reverse review revise revive reward risk rival rotate rule sack sail sanction
satisfy save scale schedule score scrap screen seal search secure seem seize select sentence separate serve
settle shape share shelve shift ship shorten shoulder show sign signal slash slip slow smuggle soar solve
source spark sponsor stabilise stabilize staff stage start state stay stem step stop store strengthen stress
stretch strip struggle study submit succeed sue suffer suggest suit supervise supply support surface surge
surpass surprise surrender surround survey survive suspect suspend sustain switch tackle target tax tend
terminate test testify thank threaten tie tighten top total touch tour trace track trade trail train
transfer transform translate transmit transport travel treat trigger triple trust try turn twist unite
unveil update upgrade urge use vaccinate value vanish vary veto view violate visit vote vow wait walk want
warm warn wash waste watch weaken weigh welcome widen wipe witness work worry worsen yield
""".split()
_DOUBLING = frozenset(
    """admit ban bar cancel commit control drop equip fulfil incur label level log occur patrol permit plan
    prefer refer ship slip stem step stop strip submit top total transfer transmit travel""".split()
)
_NOT_SPELT_SO = {"have": "has", "do": "does", "go": "goes"}


def _past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + (base[-1] if base in _DOUBLING else "") + "ed"


def _present(base: str) -> str:
    """As of "she": "carries"."""
    if base in _NOT_SPELT_SO:
        return _NOT_SPELT_SO[base]
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _three(forms: str) -> tuple[str, str, str]:
    base, past, participle = forms.split("/")
    return base, past, participle


FORMS = (*map(_three, _IRREGULAR), *((one, _past(one), _past(one)) for one in _REGULAR))
"""Of each verb the plain form, the past tense and the participle: "write", "wrote", "written"."""
BASES = frozenset(base for base, _, _ in FORMS)
"""Plain forms: "carry"."""
BASE_OF_PAST = {past: base for base, past, _ in reversed(FORMS) if past != base}
"""By the past tense the plain form: "won" is of "win"; without those that are spelt like the plain form."""
BASE_OF_PRESENT = {_present(base): base for base in BASES}
"""By the form of the third person the plain form: "wins" is of "win"."""
PAST_OF_PARTICIPLE = {participle: past for _, past, participle in reversed(FORMS)}
"""By the participle the past tense: "written" has "wrote"."""


def is_participle(word: str) -> bool:
    """Whether the word may be a past participle: a known one, or one in -ed."""
    return (
        word in PAST_OF_PARTICIPLE
        or word in ("been", "born", "done", "had")
        or (word.endswith("ed") and len(word) > 4)
    )
