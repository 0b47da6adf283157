"""Cues of a critical ticket: what is at stake, for how many, and whether it is happening now.

A word of alarm alone means little ("URGENT: how do I change my avatar"); stake and scope together do. So the cues come
with their conjunctions, which a linear model cannot form by itself.
"""

from __future__ import annotations

import re
from typing import Final

from intelligence.local.cue_set import CueSet

_CUES: Final[dict[str, str]] = {
    "scope": r"\b(?:all(?! (?:the time|day|good|right|set|clear|in all))|every(?! (?:time|day|night|morning|week|month|hour|few|\d))|everyone|everybody|everything|nobody|no ?one|none|nothing|entire|whole|company-?wide|each of"
    r"|across|total(?:ly)?|complete(?:ly)?|hundreds|thousands|dozens|millions?)\b|\b\d{1,3}(?:[,.' ]\d{3})+\b|\b\d{2,}k?"
    r" (?:\w+ ){0,2}(?:users|people|customers|clients|employees|staff|agents|stores|shops|sites|students|patients|orders"
    r"|drivers|members|residents|subscribers|workers|lawyers|restaurants|restaurants|trucks|invoices|records|accounts)\b",
    "one only": r"\b(?:one of|a colleague|my (?:phone|laptop|app|avatar|screen|tabs|game)|for me|only|just|two of|three of"
    r"|one (?:user|page|project|widget|row|report)|the others?|works on|fine in|small|minor)\b",
    "stopped": r"\b(?:down|outage|offline|unreachable|unavailable|dead|blocked|stopped|halted|stand(?:s|ing)? still|idle"
    r"|locked (?:out|inside)|black|blank|50[0234]|timeouts?|frozen|won't (?:open|load|start)|declin\w+|rejected|fail(?:s|ed|ing)?"
    r"|(?:can't|cannot|can not|unable to|couldn't|no longer) (?:\w+ )?(?:log|sign|access|work|load|open|reach|sell|ship|print"
    r"|pay|take|serve|dispatch|see|use|do|process))\b|\bnot? (?:work\w*|calls?|orders?|access)\b|\bnothing (?:works|gets)\b"
    r"|\b(?:nobody|no ?one|none of \w+) (?:[\w,]+ ){0,6}(?:can|could|gets?|manage|able)\b",
    "gone": r"\b(?:gone|wip(?:ed|es)|vanished|disappeared|deleted?|deletes|deleting|lost|losing|erased|overwr\w+|empty|corrupt\w*"
    r"|missing|destroyed|unrecoverable|replaced by|zeroed|encrypted)\b",
    "data of value": r"\b(?:data(?:base)?|records?|files|backups?|customers?|clients?|patients?|invoices?|orders|archive|accounts?"
    r"|projects|documents|catalogue|contacts|production|prod|passwords?|payments?|history|contracts?|messages|names)\b",
    "exposed": r"\b(?:(?:an)?other (?:compan|customer|user|tenant|client|people|organi[sz]ation|patient|famil|school|account)\w*"
    r"|(?:someone|somebody|anybody|everybody|anyone) else'?s?|strangers?'?|other people's|wrong (?:people|person|customers?|patients?"
    r"|recipients?|clients?|clinic|account)|anyone (?:can|could)|visible to|without (?:a )?(?:log ?in|password|permission)"
    r"|publicly|leak\w*|expos\w+|breach\w*|confidential|plain ?text|gdpr|everyone's|not ours|isn't ours|who are not)\b",
    "intruder": r"\b(?:hack\w*|attack\w*|intrud\w*|compromis\w*|stolen|fraud\w*|ransom\w*|malware|phish\w*|impost\w*|tak(?:en|ing) over"
    r"|hijack\w*|unauthori[sz]ed|vulnerab\w*|(?:wasn't|isn't|not) (?:us|me|ours)|unknown (?:person|user|login|admin|device)"
    r"|former employee|someone (?:is|has|logged)|somebody (?:is|has|logged)|injection|exploit\w*|bypass\w*)\b",
    "safety": r"\b(?:patients?|hospital|ward|nurses?|doctors?|dos(?:e|es|age)|medic\w+|allerg\w+|alarms?|ambulances?|fire|emergency"
    r"|brakes?|safety|injur\w+|children|child|insulin|oxygen|heart|gas|smoke|vaccine|rescue|911|112|life|lives|died?|dying"
    r"|danger\w*|overdose|blood|surgery|pump|aircraft|crew|evacuat\w*)\b",
    "money at large": r"\b(?:payroll|salar(?:y|ies)|payouts?|wages|debited|(?:paid|charged|billed|debited) (?:\w+ ){0,3}(?:twice|double"
    r"|three|several)|double[- ]?(?:charg\w+|paid|payment)|iban|bank details|transfer(?:s|red)?|revenue|losing (?:money|sales|orders"
    r"|thousands|customers)|million|refunds? sent|zero price)\b",
    "now": r"\b(?:right now|now|as (?:i|we) (?:write|speak)|since \d|(?:for|since|last|past) (?:\w+ )?(?:\d+ )?(?:minutes?|mins|hours?|an hour)"
    r"|this morning|today|tonight|overnight|currently|at once|immediately|please (?:act|stop|help|call)|asap|urgent\w*|stop)\b",
    "clock ticking": r"\b(?:before (?:noon|midnight|\d)|by (?:noon|midnight|\d)|midnight|noon|due (?:today|at|in|by)|deadline|closes? (?:at|in)|"
    r"starts? (?:at|in)|opens? (?:at|in)|in \w+ (?:minutes|hours?|mins)|within|statutory|filing|live|go(?:es)? live|expires)\b",
    "asks how": r"\b(?:how (?:do|can|to|would|long)|where|is there|is it possible|can (?:i|we)|do you|does (?:it|your|the)|what (?:is|does|happens|if)"
    r"|which|could you|would like|would be|feature|wish|intended|normal|question)\b",
    "not now": r"\b(?:yesterday|last (?:week|month|year|night|thursday|monday|friday)|was down|were down|works? again|back (?:up|now)|is over|resolved"
    r"|solved|fixed|test(?:ing|s)?|staging|sandbox|demo|drill|if (?:the|your|we|i|a)|plan(?:s|ning)?|when (?:production|the)|"
    r"never ?mind|no rush|not urgent|harmless|thanks|next (?:week|month|year))\b",
    "grumble": r"\b(?:annoying|awful|worst|hate|ugly|terrible|disaster|rude|unacceptable|refund|cancel|subscription|lol|please add|typo|icon|"
    r"colou?r|button|font|theme|logo|slow|template|label|avatar|rounding|sorts?|column)\b",
    "hypothetical": r"\b(?:suppos(?:e|ing)|imagine|let'?s say|assum(?:e|ing)|what (?:would|if|happens|do we do)|"
    r"would happen|in case|how would|if (?:some|any|every|all|an?|our|your|the|we|i|they|there)\b|"
    r"in theory|exercise|drill|rehears\w+|evaluat\w+|tender|questionnaire|survey|poster|template|policy|"
    r"sla|post ?mortem|pen(?:etration)?[- ]?test\w*|auditors? ask\w*|next (?:week|month|year|quarter)|"
    r"planned|could (?:some|any)(?:one|body))\b",
    "over": r"\b(?:false alarm|solved|resolved|works? (?:again|now)|work(?:s|ing|ed) fine|(?:is|are|was|were|it's|"
    r"that's|everything's|all|they're) (?:back|fine|over|okay|ok|fixed|restored|recovered)|fixed (?:it|"
    r"itself)|has been fixed|since your fix|(?:it|that) was (?:me|our|my|a|just)|my (?:own )?(?:fault|"
    r"mistake|bad)|turn(?:s|ed) out|we(?:'ve)? restored|found (?:it|them)|never ?mind|no harm|no damage|"
    r"nothing (?:was |is |got )?(?:lost|leaked|broken|secret)|not needed|no action|was down|were down|"
    r"went down|had been|retries|no longer a problem|as (?:planned|intended|expected)|by design)\b",
    "bounded": r"\b(?:others? (?:are|can|do|see|work|have)|(?:colleagues|everyone else|everybody else|"
    r"the rest) (?:is|are|can|work)|otherwise|sometimes|now and then|from time to time|once (?:an?|per|"
    r"in a)|occasionally|some of|a few|a couple|(?:one|two|three|four|five|six|seven|eight|nine|"
    r"ten) (?:of (?:us|my|our|the|them)|people|persons|users?|rows?|records?|minutes|files|reports|pages|"
    r"employees?|customers?)|only (?:on|in|for|when|one|a|with)|production is|have time|no (?:rush|hurry)|"
    r"whenever|workaround|by hand|a bit|slightly|cents?|one (?:user|customer|client|store|shop|colleague|"
    r"employee|report|file))\b",
    "own act": r"\b(?:i(?:'ve| have|'d)?|we(?:'ve| have|'d)?|he|she|my \w+|our \w+|a colleague) (?:accidentally |"
    r"mistakenly |just |already )?(?:deleted|removed|overwrote|archived|cancelled|renamed|closed|disabled|"
    r"paused|switched|changed|moved|clicked|typed|forgot|pasted|rotated|revoked|expired|sent)\b|"
    r"\bby (?:mistake|accident)\b|\baccident\w*\b",
    "wish": r"\b(?:please (?:add|make|build|bring|consider|support|allow)|wants?|would (?:like|love|prefer|"
    r"be (?:nice|great|good|handy))|wish\w*|vote[ds]?|bring back|give (?:me|us) back|feature|option|"
    r"how (?:do|can|to|should|large|many|far)|looking for|recommend\w*|quote|upgrade our|can you (?:add|"
    r"tell|send|show)|could you (?:add|send|tell|show|word|make|remove))\b",
    "stopped work": r"\b(?:stand(?:s|ing)? still|standing|at a standstill|halted|sent? (?:people |everyone |them )?home|"
    r"queu\w+|waiting|on (?:paper|radio)|nothing (?:goes|comes|gets|works)|(?:can't|cannot|can not|"
    r"unable to) (?:take|sell|ship|bill|serve|treat|dispatch|work|operate|trade)|losing|lost sales|"
    r"bleeding|no (?:calls|orders|payments?|sales|trucks?))\b",
}
_PAIRS: Final = (
    ("scope", "stopped"),
    ("scope", "gone"),
    ("gone", "data of value"),
    ("exposed", "data of value"),
    ("intruder", "now"),
    ("safety", "stopped"),
    ("safety", "scope"),
    ("money at large", "scope"),
    ("clock ticking", "stopped"),
    ("stopped", "now"),
    ("scope", "asks how"),
    ("scope", "not now"),
    ("one only", "stopped"),
    ("scope", "hypothetical"),
    ("exposed", "hypothetical"),
    ("intruder", "hypothetical"),
    ("gone", "over"),
    ("stopped", "over"),
    ("gone", "bounded"),
    ("stopped", "bounded"),
    ("scope", "bounded"),
    ("gone", "own act"),
    ("exposed", "asks how"),
    ("gone", "asks how"),
    ("scope", "wish"),
    ("scope", "grumble"),
    ("stopped work", "scope"),
    ("intruder", "asks how"),
    ("exposed", "scope"),
    ("safety", "asks how"),
)
ALARMS: Final = CueSet(_CUES, _PAIRS)

# A customer's size and a tracker's header speak of numbers and people, and of no harm to them.
_ABOUT_THE_SENDER: Final = re.compile(
    r"\b(?:we(?:'re| are| have|'ve)|us|on \w+|plan|business|enterprise|team of|company of|information:?)\W{1,3}"
    r"(?:about |some |around |a (?:team|company) of )?\d+ (?:users|people|seats|employees|staff|licen[cs]es)\b"
    r"(?: (?:at|on|in) (?:(?-i:[A-Z])[\w-]* ?)+)?|^new ticket #?\d+ from [^:\n]{1,80}:|\bcustomer since \d{4}",
    re.IGNORECASE | re.MULTILINE,
)


def without_sender(text: str) -> str:
    """A ticket without what it says of its sender ("we're 41 users", "New ticket #12 from ...:")."""
    return _ABOUT_THE_SENDER.sub(" ", text)
