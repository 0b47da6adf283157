"""API keys, tokens, passwords, private keys and connection strings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from intelligence.redaction.rule import Find, Kind, Region, Rule, before, looks_random, rule

_VENDOR_KEYS: Final[Mapping[str, str]] = {
    "Slack": r"xox[abceoprs](?:\.xox[bp])?-[\w-]{10,250}|xapp-[\w-]{10,250}",
    "OpenAI, Anthropic": r"sk-(?:proj-|ant-|svcacct-|admin-|or-|lf-)?[\w-]{16,250}",
    "Stripe, Clerk": r"(?:[rsp]k|whsec)_(?:(?:live|test|prod)_\w{10,250}|[A-Za-z\d]{10,250})",
    "GitHub": r"gh[pousr]_[A-Za-z\d]{16,250}|github_pat_\w{20,250}",
    "GitLab": r"gl(?:pat|dt|rt|ft|soat|ptt|cbt|agent|oas)-[\w-]{16,250}",
    "AWS": r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z\d]{16}",
    "Google": r"AIza[\w-]{30,40}|GOCSPX-[\w-]{20,40}|ya29\.[\w-]{20,250}|1//0[\w-]{20,250}",
    "SendGrid": r"SG\.[\w-]{16,32}\.[\w-]{16,64}",
    "Twilio": r"(?:AC|SK)[0-9a-f]{32}",
    "Mailgun, Mailchimp": r"key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}",
    "npm, PyPI": r"npm_[A-Za-z\d]{30,50}|pypi-[\w-]{16,250}",
    "RubyGems, crates": r"rubygems_[0-9a-f]{40,60}|cio[A-Za-z\d]{32}",
    "Hugging Face, Replicate": r"hf_[A-Za-z\d]{20,60}|r8_[A-Za-z\d]{20,60}",
    "DigitalOcean, Heroku, Fly": r"do[oprt]_v1_[0-9a-f]{40,80}|HRKU-[\w-]{30,80}|fo1_[\w-]{20,80}",
    "Shopify, Square": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{20,60}|sq0[a-z]{3}-[\w-]{20,60}|EAAA[\w-]{40,80}",
    "Linear, Notion": r"lin_(?:api|oauth)_[A-Za-z\d]{20,80}|(?:ntn|secret)_[A-Za-z\d]{30,80}",
    "Airtable": r"pat[A-Za-z\d]{14}\.[0-9a-f]{40,70}",
    "Databricks, Grafana, Vault": r"dapi[0-9a-f]{32}(?:-\d)?|gl(?:sa|c)_[\w=]{20,250}|hv[sbr]\.[\w-]{20,250}",
    "Atlassian": r"ATATT3[\w=-]{20,250}|ATCTT3[\w=-]{20,250}|ATBB[\w=-]{20,60}",
    "Figma, Asana": r"fig[dour]_[\w-]{20,80}|\d/\d{10,20}:[0-9a-f]{32}",
    "Telegram, Discord": r"\d{8,10}:AA[\w-]{30,40}|[MNO][A-Za-z\d]{22,27}\.[\w-]{6}\.[\w-]{27,45}",
    "Supabase, PlanetScale": r"sb[ps]_[\w-]{20,80}|pscale_\w{2,10}_[\w.-]{20,80}",
    "Postman, New Relic": r"PMAK-[\w-]{40,80}|NRAK-[A-Z\d]{20,40}",
    "Facebook, Dropbox": r"EAA[A-Za-z\d]{60,250}|sl\.[\w-]{60,250}",
    "age": r"AGE-SECRET-KEY-1[A-Z\d]{50,70}",
}

_CALLED: Final = (
    r"(?:pass(?:word|wd|phrase|code|wort)|kennwort|mot de passe|contrase[ñn]a|senha|wachtwoord|"
    r"\bpwd|\bpw|(?<![A-Za-z])pass(?![A-Za-z])|secret|"
    r"token|api[ _-]?key|access[ _-]?key|auth[ _-]?key|private[ _-]?key|account[ _-]?key|shared[ _-]?access[ _-]?key|"
    r"signing[ _-]?key|encryption[ _-]?key|licen[sc]e[ _-]key|secret[ _-]?key|credentials?|x-api-key)"
)
_VALUE: Final = (
    r"(?:\\?[\"“‘'`*_]{1,3}(?P<quoted>[^\"“”‘’'`\n]{3,200}?)\\?[\"”’'`*]|(?P<bare>[^\s\"'`“”,;<>|\[\]{}()]{3,500}))"
)
_ASSIGNED: Final = re.compile(
    rf"{_CALLED}[\w-]{{0,24}}\\?[\"'`*]{{0,3}}[ \t]{{0,3}}(?::=|=>|->|[:=→])[ \t]{{0,3}}{_VALUE}", re.I
)
_SAID: Final = re.compile(
    rf"{_CALLED}s?(?:[ ](?!is\b|was\b|to\b)[a-z@.]{{1,20}}){{0,5}}"
    rf"(?:[ ](?:is|was|to|ist|lautet|es|est|:|=)|['’]s)[ ]{{1,2}}{_VALUE}",
    re.I,
)
_SPOKEN_AFTER: Final = re.compile(rf"(?:password|passphrase|passwort|passcode|\bpw|\bpwd)[ ]{{1,2}}{_VALUE}", re.I)
_ON_NEXT_LINE: Final = re.compile(rf"{_CALLED}[ \t]{{0,3}}[:=][ \t]{{0,3}}\r?\n[ \t]{{0,3}}{_VALUE}", re.I)
_QUOTED_AFTER: Final = re.compile(
    r"(?:token|api[ _-]?key|secret|password)[ ][\"'`]"
    r"(?P<quoted>(?=[^\s\"'`]{0,199}\d)[^\s\"'`]{6,200})[\"'`](?P<bare>)?",
    re.I,
)
_ENVIRONMENT: Final = re.compile(rf"\b[A-Z][A-Z\d_]{{1,40}}_KEY[ ]?[:=][ ]?{_VALUE}")
_SHORT_FLAG: Final = re.compile(
    r"\b(?:docker[ ]login|mysql\w{0,8}|mariadb\w{0,8}|sshpass|mongo\w{0,8}|redis-cli)\b[^\n]{0,120}?[ ]-[pa][ ]?"
    r"(?:[\"'](?P<quoted>[^\"'\n]{4,200})[\"']|(?P<bare>[^\s\"'<>\[]{4,200}))"
)
_LOGIN_PAIR: Final = re.compile(
    r"\b(?:cred(?:ential)?s|login|log in with|user(?:name)?[ ]?/[ ]?pass(?:word)?)"
    r"(?:[ ](?:are|is|as))?[ ]?[:=]?[ ]{0,2}[\w.@+-]{2,64}"
    r"[ ]?[/:][ ]?(?P<bare>(?!/)[^\s\"'`,;<>|/]{4,100})(?P<quoted>)?",
    re.I,
)
_FLAG: Final = re.compile(
    r"(?<!\S)(?:--?pass(?:word|wd)?|--?token|--?secret|--?api-?key)[ =](?P<bare>[^\s\"'<>\[]{3,300})(?P<quoted>)?"
)
_NOT_A_SECRET: Final = re.compile(
    r"(?i:true|false|null|none|nil|undefined|required|optional|invalid|incorrect|expired|expires?|missing|wrong|empty|"
    r"blank|string|str|int|integer|number|text|bytes|reset|resets|changed?|forgot(?:ten)?|not|no|yes|the|an?|my|your|"
    r"that|this|it|too|very|still|always|never|being|been|again|working|broken|unknown|unauthori[sz]ed|denied|failed|"
    r"error|fail(?:s|ing)?|passe[sd]|ok|success|here|there|field|page|link|manager|protected|hidden|masked|redacted|n/?a|tbd|todo|what|only|also|just|and|or|"
    r"for|with|from|in|on|at|of|to|be|has|have|was|is|are|will|does|can|cannot|oauth2?|saml2?|sha\d+|md5|base64|utf-?8|"
    r"2fa|mfa|totp|bearer|basic|example|sample|placeholder|v?\d+(?:\.\d+)+|\d{1,3}|\d+(?:\.\d+)?(?:ms|[smhd]|%)|"
    r"\d+(?:st|nd|rd|th)|[*•.xX…-]+|\$\{?\w+\}?|%\w+%|<[^>]*>|\{\{?.*|\[.*|https?:.*)"
)
_STRONG: Final = re.compile(r"(?=.{5,})(?=.*[A-Za-z])(?=.*[\d!@#$%^&*?+=~])|(?=.{6,})(?=.*[a-z][A-Z])|\d{5,}$")
_VERY_STRONG: Final = re.compile(
    r"(?=.{7,})(?=.*[A-Za-z])(?=.*\d.*\d)|(?=.{6,})(?=.*\d)(?=.*[A-Za-z])(?=.*[!@#$%^&*?+=~])"
)


def _assigned(pattern: re.Pattern[str], *, demand: re.Pattern[str] | None = None) -> Find:
    """Values given to a name that means a secret. `demand` is what an unquoted value must look like."""

    def find(text: str) -> Iterator[Region]:
        for match in pattern.finditer(text):
            group = "quoted" if match["quoted"] else "bare"
            value = (match[group] or "").rstrip(".,;:?)" if group == "bare" else "")
            if len(value) < 3 or _NOT_A_SECRET.fullmatch(value):
                continue
            if demand is None or group == "quoted" or demand.match(value):
                yield match.start(group), match.start(group) + len(value)

    return find


_DIGEST: Final = re.compile(r"(?:sha\d{1,3}[-:]|base64,)\S{0,8}$", re.I)


def _is_dense_key(match: re.Match[str]) -> bool:
    """A bare run of 32 or more characters is a key when it mixes cases and digits throughout; a hash is hexadecimal."""
    value = match.group()
    counts = (sum(map(test, value)) for test in (str.isupper, str.islower, str.isdigit))
    return all(count >= 4 for count in counts) and not _DIGEST.search(before(match) + value[:8])


# One of these is in every name that `_CALLED` knows.
_WORDS: Final = ("pass", "secret", "token", "key", "cred", "pw", "kennwort", "contrase", "senha", "wachtwoord")

KEYS: Final = (
    rule(
        Kind.KEY,
        "private key block",
        r"-----BEGIN [A-Z \d]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?:[^-]|-(?!----)){0,8000}-----END [A-Z \d]{0,40}-----|(?:\s{1,4}[A-Za-z\d+/=]{16,100}){0,200})",
        needs=("-----begin",),
    ),
    rule(
        Kind.KEY,
        "connection string",
        r"\b[a-z][a-z\d+.-]{1,30}://[^\s:/@?#<>\"']{0,100}:[^\s/<>\"']{1,200}@[^\s<>\"'|)]{1,300}",
        flags=re.I,
        check=lambda match: not re.match(r"https?:|ftp|ssh|wss?:|smb", match.group(), re.I),
        needs=("://",),
    ),
    rule(
        Kind.KEY,
        "JSON web token",
        r"(?<![\w.-])eyJ[\w-]{8,4000}\.[\w-]{8,4000}(?:\.[\w-]{0,2000})?",
        needs=("eyj",),
    ),
    rule(
        Kind.KEY,
        "vendor's key",
        rf"(?<![A-Za-z\d_])(?:{'|'.join(_VENDOR_KEYS.values())})(?![A-Za-z\d])",
    ),
    rule(
        Kind.KEY,
        "authorization header",
        r"\b(?:bearer|basic|authorization[\"']?[ ]?:?[ ]?[\"']?(?:token|apikey|key|digest)|proxy-authorization:)"
        r"[ ]{1,3}(?P<secret>[\w.~+/-]{12,4000}={0,2})",
        flags=re.I,
        check=lambda match: looks_random(match["secret"]) or match["secret"].endswith("="),
        needs=("bearer", "basic", "authorization"),
    ),
    Rule(Kind.KEY, "assigned secret", _assigned(_ASSIGNED), needs=_WORDS),
    Rule(Kind.KEY, "secret on the next line", _assigned(_ON_NEXT_LINE, demand=_STRONG), needs=_WORDS),
    Rule(Kind.KEY, "quoted secret", _assigned(_QUOTED_AFTER), needs=_WORDS),
    Rule(Kind.KEY, "environment variable", _assigned(_ENVIRONMENT, demand=_STRONG), needs=("_key",)),
    Rule(Kind.KEY, "short option of a client", _assigned(_SHORT_FLAG, demand=_STRONG), needs=(" -p", " -a")),
    rule(
        Kind.KEY,
        "secret after its AWS key id",
        r"A(?:KI|SI)A[A-Z\d]{16}[\s\S]{0,60}?[\s:,|=\"'](?P<secret>[A-Za-z\d/+]{40})(?![A-Za-z\d/+=])",
        needs=("akia", "asia"),
    ),
    rule(
        Kind.KEY,
        "session cookie",
        r"\b(?:session(?:[_-]?id)?|sessid|phpsessid|jsessionid|connect\.sid|sid|auth(?:_token)?)="
        r"(?P<secret>[^\s;,&\"']{12,4000})",
        flags=re.I,
        needs=("sess", "sid=", "auth"),
    ),
    Rule(Kind.KEY, "secret in prose", _assigned(_SAID, demand=_STRONG), needs=_WORDS),
    Rule(
        Kind.KEY,
        "password without a verb",
        _assigned(_SPOKEN_AFTER, demand=_VERY_STRONG),
        needs=_WORDS,
    ),
    Rule(
        Kind.KEY, "user and password", _assigned(_LOGIN_PAIR, demand=_STRONG), needs=("cred", "login", "log in", "user")
    ),
    Rule(Kind.KEY, "secret on a command line", _assigned(_FLAG), needs=("-pass", "-token", "-secret", "-api")),
    rule(
        Kind.KEY,
        "user and password for curl",
        r"\bcurl\b[^\n]{0,200}?[ ]-u[ ]?[\"']?(?P<secret>[^\s:\"']{1,64}:[^\s\"']{1,200})",
        needs=("curl",),
    ),
    rule(
        Kind.KEY,
        "one-time code",
        r"\b(?:(?:one[- ]?time|verification|security|authenti?cation|2fa|mfa|two[- ]factor|login|sms|backup|recovery|"
        r"confirmation)[ -](?:pass)?codes?|otp|pin(?:[ -](?:code|number))?|passcode|tan|cvv2?|cvc2?)"
        r"(?:[ ](?:[a-z]{2,10}[ ]){0,3}(?:is|was|of)|[ ]?[:=])?[ ]{0,2}"
        r"\"?(?P<secret>\d{3,8}(?!\d)(?![-./]\d)|[a-z\d]{4,6}(?:-[a-z\d]{4,6}){1,4}\b)",
        flags=re.I,
        check=lambda match: any(character.isdigit() for character in match["secret"]),
        needs=("code", "otp", "pin", "tan", "cv"),
        digits=3,
    ),
    rule(
        Kind.KEY,
        "dense key",
        r"(?<![\w/.+=-])[A-Za-z\d+/_-]{32,300}={0,2}(?![\w/.-])",
        check=_is_dense_key,
        digits=4,
    ),
)
