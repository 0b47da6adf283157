"""Cues of a message that asks for something, and of one that only talks."""

from __future__ import annotations

from typing import Final

from intelligence.local.cue_set import CueSet

_CUES: Final[dict[str, str]] = {
    "asks for help": r"\b(?:help|assist\w*|advice|any (?:ideas?|clue|chance|way|plans?|eta)|(?:can|could|would|will) (?:you|someone|somebody|anyone|we|i)"
    r"|is it possible|is there|are there|how (?:do|can|to|does|would|should|come|about|much|long|many)|where (?:is|are|do|can|did)|why (?:is|are|do|does|did|can't|won't)"
    r"|what(?:'s| is| are| does| do)|which|who (?:can|do)|do(?:es)? (?:it|you|the|this|anyone|your)|am i|should i|may i)\b",
    "wants": r"\b(?:(?:i|we)(?:'d| would)? (?:like|love|need|want|wish|prefer)|please|pls|plz|would be (?:nice|great|good|cool|helpful|lovely)|feature request"
    r"|add|allow|support for|ability|option|missing|should (?:be|have|let)|let us|bring back|request(?:ing)?|wish)\b",
    "something broke": r"\b(?:not? (?:\w+ )?(?:work\w*|load\w*|open\w*|show\w*|sync\w*|respond\w*|sav\w+|send\w*|arriv\w*|access)|(?:doesn't|don't|isn't|won't|can't|cannot|couldn't|didn't|aren't|wasn't"
    r"|never|dont|cant|doesnt|wont) \w+|broken?|fail(?:s|ed|ing)?|errors?|crash\w*|bug|stuck|slow|wrong|incorrect|down|lost|gone|disappear\w*|freez\w*|frozen|hangs?"
    r"|timeouts?|timed out|greyed|blank|empty|twice|double\w*|charged|declin\w+|denied|rejected|unable|stopped|glitch\w*|keeps? \w+ing|nothing happens|problem|issue|[45]\d\d)\b",
    "own case": r"\b(?:i|i'm|i've|my|we|we're|we've|our|us|me|customer|client|account|users?)\b",
    "product noun": r"\b(?:app|page|button|report|dashboard|export|import|login|log ?in|password|invoice|plan|subscription|account|api|webhook|sync|integration|search|filter|table|chart"
    r"|file|upload|download|email|mail|notification|setting|menu|calendar|template|field|form|user|seat|licen[cs]e|order|payment|card|refund|workspace|project|editor|mobile|csv|pdf|sso|widget|theme)s?\b",
    "again": r"\b(?:again|still|since|anymore|any more|no longer|suddenly|every time|after (?:the|an?) update|third time)\b",
    "thanks": r"\b(?:thanks?|thank you|thx|ty|cheers|kudos|shout-?out|props|appreciate\w*|well done|great job|nice (?:work|one|job)|awesome|amazing|love it|congrat\w*|welcome|bravo|legend|hero)\b",
    "settled": r"\b(?:never ?mind|nvm|ignore (?:that|this|me|my)|solved|sorted|fixed it|works (?:now|again|fine)|working (?:now|again)|all good|found it|figured (?:it )?out|my (?:bad|mistake|fault)|resolved"
    r"|got it|no longer needed|forget it|please ignore|false alarm|as you were|disregard)\b",
    "release note": r"\b(?:deploy\w*|released?|merged?|shipped|rolled (?:out|back)|hotfix|prod(?:uction)?|staging|build|pipeline|ci|pr|branch|version \d|v\d|changelog|migration|commit|rc\d?|pushed|feature flag|cherry-?pick\w*)\b",
    "status": r"\b(?:fyi|heads[- ]?up|reminder|announce\w*|update:|status|maintenance|investigating|identified|monitoring|incident|on-?call|handover|hand(?:ing)? over|standup|stand-up|today i|yesterday i|eod|wip|"
    r"working on|will be|scheduled|is live|now (?:live|available)|closed|assigned|summary|notes|minutes|recording|slides|agenda)\b",
    "office life": r"\b(?:lunch|coffee|pizza|cake|donuts?|beer|birthday|weekend|holiday|vacation|ooo|out of (?:the )?office|sick|dentist|train|traffic|weather|meeting|call at|zoom|standup|poll|vote|retro"
    r"|offsite|friday|monday|morning|good night|back in|brb|afk|wfh|home office|kitchen|fridge|parking|party|game|football|movie|interview|candidate|hiring|desk|badge|team event)\b",
    "hello": r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening)|morning|gm|welcome)\b[^?]{0,25}$",
    "bot": r"\b(?:joined|left the channel|has (?:joined|left|been added)|set the (?:topic|channel)|pinned|build #?\d+|passed|succeeded|job|ticket #?\d+|status changed|assigned to|opened by|closed by|automated|"
    r"do not reply|daily digest|no new|reminder:|\d+ open|uptime|alert (?:resolved|closed)|scheduled|by [a-z]+ in)\b|^\W*\[|:[a-z_]+:",
    "agrees": r"^\W*(?:\+1|same|agreed?|yes|yep|yeah|ok(?:ay)?|sure|nope?|lol|haha\w*|this|exactly|true|cool|nice|great|perfect|done|on it|looking|will do|noted|ack|sounds good|makes sense|np|no problem)\b",
    "test": r"\b(?:test(?:ing)?|asdf|hello world|ping|foo|bar|lorem|123)\b",
    "reports on others": r"\b(?:customer (?:says|said|asks|asked|reports?|is|wants|can't|cannot)|client (?:says|asks|reports?|is)|(?:got|have) (?:a|another) (?:customer|client|ticket|user)|on behalf of)\b",
    "fun": r"\b(?:lol|haha\w*|joke|meme|funny|lmao|rofl|gif|fun fact)\b|[😂🤣😄🎉🎂🍕😅]",
    "link only": r"^\W*<?https?://\S+>?\W*(?:\w+\W*){0,4}$",
    "answers": r"\b(?:you can|try (?:to|the|again|this)|have you tried|go to|it's under|click|i'll|i will|we'll|let me (?:know|check)|i can take|looking into|on my way|i've (?:replied|answered|sent|fixed|merged|deployed))\b",
    "short": r"^\W*(?:\S+\s*){1,3}$",
    "question mark": r"\?",
}
_PAIRS: Final = (
    ("something broke", "own case"),
    ("something broke", "product noun"),
    ("wants", "product noun"),
    ("asks for help", "product noun"),
    ("asks for help", "own case"),
    ("asks for help", "office life"),
    ("question mark", "office life"),
    ("question mark", "product noun"),
    ("something broke", "settled"),
    ("something broke", "status"),
    ("something broke", "release note"),
    ("something broke", "bot"),
    ("thanks", "something broke"),
    ("thanks", "asks for help"),
    ("thanks", "short"),
    ("again", "something broke"),
    ("asks for help", "release note"),
    ("asks for help", "status"),
)
REQUESTS: Final = CueSet(_CUES, _PAIRS)
