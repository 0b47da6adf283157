"""English words by the part that they play in a sentence: enough to see where a phrase begins and ends.

A tagger would be a model to ship. A title needs less: the closed classes (all of their words), the common verbs of
support conversations, and for every other word the places between which it stands.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final


class Part(Enum):
    """What a word does in its clause."""

    NOUN = "noun"
    ADJECTIVE = "adjective"
    VERB = "verb"  # finite or after "to": arrive, arrives
    PAST = "past"  # arrived, lost, stolen
    ING = "ing"
    LINK = "link"  # a form of be or have
    DO = "do"
    MODAL = "modal"
    NOT = "not"
    PRONOUN = "pronoun"
    POINTER = "pointer"  # the, my, this, many: dropped from titles
    PREPOSITION = "preposition"
    TO = "to"
    JOIN = "join"  # and, or
    BREAK = "break"  # but, because, when, which: a title never crosses it
    PARTICLE = "particle"  # up, out, off
    MANNER = "manner"  # twice, automatically: may end a statement
    ADVERB = "adverb"  # still, again: dropped from titles


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _pairs(words: str) -> dict[str, str]:
    return {form: base for form, _, base in (pair.partition(":") for pair in words.split())}


_CLOSED: Final = {
    Part.PRONOUN: "i we you he she it they me us him them myself yourself itself themselves someone somebody anyone "
    "anybody everyone everybody nobody nothing something anything everything mine yours ours i'm i've i'd i'll im ive "
    "we're we've we'd we'll you're you've you'd it's it'd it'll that's there's they're they've he's she's there what's "
    "none",
    Part.POINTER: "a an the this these those my our your his her its their every each all some any no both another "
    "many much more most few several lot lots other such own two three same last next first enough various certain",
    Part.PREPOSITION: "of for in on at by with without from into onto between after before during as about against per "
    "over under via through within across inside outside among around toward towards despite besides behind near above below",
    Part.TO: "to wanna gonna gotta",
    Part.JOIN: "and or",
    Part.BREAK: "but if then so because although though while when where that whether since until unless how why what "
    "which who whom whose than however therefore nor whenever wherever let lets let's please like plus instead rather "
    "else regards wishes greetings e.g i.e eg ie etc vs till",
    Part.PARTICLE: "up out off down back away",
    Part.MANNER: "twice automatically manually automatic correctly properly instantly abroad online together everywhere "
    "directly offline",
    Part.ADVERB: "already now today yesterday tomorrow still again always just only also even too very really once ever "
    "here soon yet often sometimes quite almost currently recently suddenly actually apparently simply usually tonight "
    "anymore anyway maybe perhaps probably ago later earlier forever halfway ok okay yes yeah well hi hello hey hiya thanks thank "
    "cheers thx ta sorry urgent urgently asap pls fyi btw kindly right exactly all-day alright otherwise sadly",
    Part.LINK: "am is are was were be been being have has had having isn't aren't wasn't weren't hasn't haven't hadn't "
    "isnt arent wasnt hasnt havent",
    Part.DO: "do does did doing done doesn't don't didn't doesnt dont didnt",
    Part.MODAL: "will would shall should can could may might must won't wouldn't shouldn't can't couldn't cannot cant "
    "wont couldnt",
    Part.NOT: "not never",
}
CLOSED: Final = {word: part for part, words in _CLOSED.items() for word in words.split()}
DENYING: Final = re.compile(r"n['’]t$|^(?:cannot|cant|wont|dont|doesnt|didnt|isnt|arent|wasnt|hasnt|havent|couldnt)$")

_VERBS: Final = _set(  # never nouns, or hardly ever
    "accept access? activate add allow appear apply approve arrive ask assign attach authenticate become begin believe "
    "bring buy calculate cancel change? choose close collect combine come compare complain confirm connect contain "
    "continue convert cost? count? create decline deactivate define delete deliver deny deploy disable disappear "
    "disconnect divide draw duplicate edit embed enable enter exceed exist expect expire explain fail fetch fix follow "
    "forget freeze get give go grow happen hang hide import? include increase ingest install integrate invite join keep "
    "know learn leave let load? lock log? lose make manage match? merge miss move notify offer open paste pay pick "
    "prevent process? promise provide publish push receive recognise recognize recover reduce refuse register reject "
    "reload remember remove rename renew reorder replace respond restore retry revert run save? search? see select "
    "send separate serve set settle share show sign? sort? split spend start? stay steal stop? store subscribe swallow "
    "switch take teach tell terminate throw time? translate trigger try turn understand undo uninstall unlock unblock "
    "unsubscribe upgrade? upload? validate verify vanish visit want withdraw work? write wait view? truncate crash? "
    "sync? repeat reset? stretch break? shift? drop? differ overwrite lag jump flicker overlap misspell find need? use? "
    "bounce loop? say reach require obtain request? refund? transfer? charge? exchange? export? download? filter? order? "
    "report? update? return? print? display? test? copy? schedule? mark? block? link? limit? cut? hold read format? "
    "alert? mail? email? message? call? check? visualise visualize customise customize configure exclude group? revoke "
    "deposit? top? place? support? name? query? track? stream? vote? fire? sound? look feel? get swap discount? increase? "
    "pause? schedule? rotate scroll? resize zoom annotate comment? attach? downgrade? adjust specify determine locate "
    "inquire dispute? report? deduct debit? credit? process? replace reorder reissue handle invest borrow earn"
)
VERBS: Final = frozenset(word.rstrip("?") for word in _VERBS)
NOUNS_TOO: Final = frozenset(word.rstrip("?") for word in _VERBS if word.endswith("?"))
LIGHT: Final = _set(  # a title never begins with these: they say that something is done, not what
    "get see want need know tell make go come ask say try give keep let have like help look find think believe expect "
    "understand happen become seem mean feel use take put start explain begin remember bring offer check inquire wait "
    "follow promise turn leave hold"
)
HOLLOW: Final = _set(  # nothing is told by these alone
    "come go exist locate say appear get happen take keep miss show look use want need have give ask tell seem occur make "
    "do start begin become find know see work become mean include contain receive change count"
)
HOLLOW_STATES: Final = _set(
    "possible available able allowed required supposed used needed defined supported enabled made shown clear normal sure"
)
GIVING: Final = _set(  # with an object even in "was charged a fee"
    "charge ask give offer send bill pay show cost tell refund promise deny"
)
_IRREGULAR: Final = _pairs(
    "became:become began:begin brought:bring bought:buy chose:choose chosen:choose came:come cost:cost cut:cut "
    "drew:draw drawn:draw forgot:forget forgotten:forget froze:freeze frozen:freeze got:get gotten:get gave:give "
    "given:give went:go gone:go grew:grow grown:grow hung:hang hid:hide hidden:hide kept:keep knew:know known:know "
    "left:leave lost:lose made:make paid:pay ran:run sent:send shown:show spent:spend stole:steal stolen:steal "
    "taken:take took:take taught:teach told:tell threw:throw thrown:throw understood:understand undone:undo "
    "withdrew:withdraw withdrawn:withdraw wrote:write written:write broke:break broken:break held:hold found:find "
    "overwritten:overwrite said:say felt:feel misspelt:misspell rejected:reject built:build sold:sell seen:see "
    "saw:see met:meet meant:mean"
)
_STATES: Final = _set(  # adjectives: a phrase never ends with one, a statement may
    "slow late wrong empty blank missing unavailable invalid grey gray stuck different double pending visible incorrect "
    "unclear expensive tiny long short new old big small large high low great good bad best better worse worst native "
    "public private dark light bright extra additional automatic free full half available unable able possible "
    "impossible correct whole real full-size monthly weekly daily hourly nightly annual yearly quarterly faulty "
    "identical equal separate single physical virtual international foreign main major minor wide safe unsafe secure "
    "insecure ready busy clear sure main false true fine awkward confusing unlimited limited older newer latest current "
    "previous former future existing original recent specific multiple optional mandatory unreadable illegible "
    "unresponsive inaccessible inconsistent accurate inaccurate outdated unknown unfamiliar unauthorised unauthorized "
    "fraudulent suspicious mobile? early easy hard difficult simple complex cheap higher lower faster slower longer "
    "shorter delayed interested happy unhappy nice fast quick strange odd weird serious alone dead gone"
)
STATES: Final = frozenset(word.rstrip("?") for word in _STATES)
_ADJECTIVE_END: Final = re.compile(r"(?:[a-z]{2}able|ible|[a-z]ous|[a-z]{2}ful|less|[a-z]ish|[a-z]{3}ical)$")
_NOT_ADVERBS: Final = _set(
    "reply family supply assembly apply monthly weekly daily hourly nightly yearly quarterly early"
)
_ED: Final = _set("need feed speed embed seed bed red shed breed exceed indeed")
_ING: Final = _set("thing string morning evening king ring spring nothing during ping setting settings")
CALENDAR: Final = _set(
    "monday tuesday wednesday thursday friday saturday sunday january february april june july august september october "
    "november december weekend noon midnight lunchtime easter christmas"
)
UNITS: Final = _set(
    "second seconds minute minutes hour hours day days night nights week weeks month months quarter year years morning "
    "evening afternoon time times moment"
)
TROUBLE: Final = re.compile(  # what is wrong: a product manager wants to read that first
    r"\b(?:not|cannot|fail\w*|error\w*|broken|breaks?|wrong\w*|missing|miss(?:es)?|lost|loses?|late|slow\w*|declined|"
    r"denied|refused|rejected|blocked|stuck|stolen|twice|doubled?|duplicated?|delayed|empty|blank|incorrect\w*|"
    r"crash\w*|freez\w*|frozen|stops?|stopped|hangs?|times? out|timed out|timeouts?|expired?|disappear\w*|cut off|"
    r"pending|invalid|unknown|differs?|different|mismatch\w*|loops?|drops?|dropped|reverted|cancelled|canceled)\b",
    re.IGNORECASE,
)
CRUDE: Final = re.compile(
    r"\b(?:\w*fuck\w*|\w*shit\w*|crap\w*|damn\w*|bloody|bastards?|bitch\w*|arse\w*|ass|asshole\w*|piss\w*|wtf|bollocks|"
    r"hell|idiots?|stupid|morons?|dumb|sucks?|cunt\w*|dick\w*|wank\w*)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)
def lexical(word: str) -> tuple[Part, str | None]:
    """The likeliest part of a word on its own, lower case, and the verb that it is a form of, if it may be one."""
    if word in CLOSED:
        return CLOSED[word], None
    if word in STATES or (_ADJECTIVE_END.search(word) and word not in VERBS):
        return Part.ADJECTIVE, base_verb(word)
    if word.endswith("ly") and word not in _NOT_ADVERBS and len(word) > 4:
        return Part.ADVERB, None
    base = base_verb(word)
    if word in _IRREGULAR or (word.endswith("ed") and word not in _ED and len(word) > 4):
        return Part.PAST, base or word
    if word.endswith("ing") and word not in _ING and len(word) > 5:
        return Part.ING, base
    if base is not None and base not in NOUNS_TOO:
        return Part.VERB, base
    return Part.NOUN, base


def base_verb(word: str) -> str | None:
    """The known verb that this is a form of: "arrives" -> "arrive", "cancelled" -> "cancel"."""
    if word in VERBS:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending):
            trunk = word[: -len(ending)]
            for base in (trunk, trunk + "e", trunk[:-1] if trunk[-2:-1] == trunk[-1:] else "", trunk[:-1] + "y"):
                if base in VERBS:
                    return base
    return None


def third_person(base: str) -> str:
    """ "arrive" -> "arrives", "try" -> "tries", "reach" -> "reaches"."""
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")
