"""Links that let their bearer in: signed URLs, reset and invitation links, webhooks, credentials in a URL."""

from __future__ import annotations

import re
from typing import Final

from intelligence.redaction.rule import Kind, looks_random, rule

_STRONG_PARAMETER: Final = (
    r"(?:[\w.-]{0,24}(?:token|secret|signature|passw(?:or)?d|passwd|pwd|api[_-]?key|apikey|access[_-]?key|private[_-]?key|credential|jwt|"
    r"session[_-]?id|sessid|otp|auth[_-]?key|magic)|sig|sid|auth|x-amz-[\w-]{2,24}|x-goog-[\w-]{2,24}|awsaccesskeyid)"
)
_WEAK_PARAMETER: Final = (
    r"(?:code|key|state|session|hash|invite|invitation|share|access|h|s|t|k|p|ticket|nonce|hmac|pass)"
)
_HOOKS: Final = (
    r"hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/|hooks\.zapier\.com/hooks/catch/|"
    r"[\w-]{1,63}\.webhook\.office\.com/webhookb2/|outlook\.office\.com/webhook/|api\.telegram\.org/bot|"
    r"chat\.googleapis\.com/v1/spaces/|maker\.ifttt\.com/trigger/|calendar\.google\.com/calendar/ical/"
)
_BEARER_PATH: Final = (
    r"(?:reset(?:[-_]?password)?|password[-_]?reset|passwords?|recover|verify(?:[-_]?email)?|confirm(?:ation)?s?|activate|"
    r"activation|invit(?:e|es|ation|ations)|magic(?:[-_]?link)?|token|unsubscribe|shared?|one-?time|secret|private|accept)"
)

LINKS: Final = (
    rule(
        Kind.URL_SECRET,
        "webhook",
        rf"https?://(?P<secret>(?:{_HOOKS})[^\s<>\"'|)]{{6,300}})",
        flags=re.I,
        needs=("http",),
    ),
    rule(
        Kind.URL_SECRET,
        "credentials before the host",
        r"\b(?:https?|ftps?|sftp|ssh|smb|wss?)://(?P<secret>[^\s:/@?#<>]{1,100}:[^\s/?#<>]{1,200}|[\w-]{16,200})@",
        flags=re.I,
        needs=("://",),
    ),
    rule(
        Kind.URL_SECRET,
        "secret parameter",
        rf"[?&#]{_STRONG_PARAMETER}=(?P<secret>[^\s&#<>\"'|;)\]]{{4,2000}})",
        flags=re.I,
        needs=("=",),
    ),
    rule(
        Kind.URL_SECRET,
        "random parameter",
        rf"[?&#]{_WEAK_PARAMETER}=(?P<secret>[^\s&#<>\"'|;)\]]{{8,2000}})",
        flags=re.I,
        check=lambda match: looks_random(match["secret"]),
        needs=("=",),
    ),
    rule(
        Kind.URL_SECRET,
        "issued parameter",
        r"[?&#](?:code|state|nonce|invite|invitation)=(?P<secret>(?=(?:[^\s&#\d]{0,200}\d){2})(?=[^\s&#]{0,40}[a-z])"
        r"[^\s&#<>\"'|;)\]]{10,2000})",
        flags=re.I,
        needs=("code=", "state=", "nonce=", "invit"),
    ),
    rule(
        Kind.URL_SECRET,
        "random path",
        rf"(?<=/){_BEARER_PATH}/(?:[\w-]{{1,20}}/)?(?P<secret>[\w~.=-]{{14,500}})",
        flags=re.I,
        check=lambda match: looks_random(match["secret"]),
        needs=("/",),
        digits=2,
    ),
)
