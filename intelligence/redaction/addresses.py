"""E-mail and IP addresses, told from file names, versions and netmasks."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from intelligence.redaction.rule import Kind, before, rule

_LOCAL: Final = r"\w[\w.+'’-]{0,63}"
_LABELS: Final = r"(?:\w(?:[\w-]{0,61}\w)?\.){1,8}"
_TOP: Final = r"(?:xn--[a-z\d-]{2,59}|[^\W\d_]{2,24})"
# Endings that people spell out and that are no English words: "me at the dot in the middle" is no address.
_SPOKEN_TOP: Final = (
    r"(?:com|org|net|edu|gov|io|co|dev|app|ai|info|biz|example|test|uk|de|fr|es|nl|pl|br|pt|eu|ca|au|ch|se|dk|fi|jp|cn|nz|"
    r"ie|cz)"
)
_FILE_ENDINGS: Final = frozenset("png jpg jpeg gif svg webp bmp css js mjs json html htm pdf woff tsx jsx".split())  # noqa: SIM905
_AT: Final = r"[ ]{0,2}[\[({<][ ]?(?:at|@|ät|arroba)[ ]?[\])}>][ ]{0,2}"
_DOT: Final = r"(?:[ ]{0,2}[\[({<][ ]?(?:dot|\.|punkt|punto|point)[ ]?[\])}>][ ]{0,2}|[ ]dot[ ]|\.)"


def _is_address(match: re.Match[str]) -> bool:
    """Not a file name (icon@2x.png) and not a clone address (git@host.com:team/project)."""
    local, _, domain = match.group().rpartition("@")
    if local.lower() == "git" and match.string[match.end() : match.end() + 1] == ":":
        return False
    return domain.rpartition(".")[2].lower() not in _FILE_ENDINGS


EMAILS: Final = (
    rule(
        Kind.EMAIL,
        "address",
        rf"{_LOCAL}[@＠]{_LABELS}{_TOP}",
        flags=re.I,
        check=_is_address,
        needs=("@", "＠"),
    ),
    rule(
        Kind.EMAIL,
        "quoted local part",
        rf"\"[^\"\n@]{{1,64}}\"@{_LABELS}{_TOP}",
        flags=re.I,
        needs=("@",),
    ),
    rule(
        Kind.EMAIL,
        "address at an IP",
        r"\w[\w.+-]{0,63}@\[[\d.:a-f]{3,45}\]",
        flags=re.I,
        needs=("@[",),
    ),
    rule(
        Kind.EMAIL,
        "percent-encoded",
        rf"[a-z\d][\w.+-]{{0,63}}%40{_LABELS}{_TOP}",
        flags=re.I,
        needs=("%40",),
    ),
    rule(
        Kind.EMAIL,
        "bracketed at",
        rf"{_LOCAL}(?:{_AT})[\w-]{{1,63}}(?:{_DOT}[\w-]{{2,63}}){{1,4}}",
        flags=re.I,
        needs=("at)", "at]", "at}", "at>", "at )", "at ]", "(@", "[@", "{@", "<@", "ät", "arroba"),
    ),
    rule(
        Kind.EMAIL,
        "spelled at and dot",
        rf"{_LOCAL}[ ](?:at|arroba)[ ](?!(?:the|a|an|this|that|my|your)[ ])[\w-]{{1,63}}"
        rf"(?:[ ](?:dot|punto|ponto)[ ][\w-]{{2,63}}){{0,3}}[ ](?:dot|punto|ponto)[ ]{_SPOKEN_TOP}\b",
        flags=re.I,
        needs=(" dot ", " punto ", " ponto "),
    ),
    rule(
        Kind.EMAIL,
        "spaced at",
        rf"{_LOCAL}[ ]?@[ ]?(?:gmail|googlemail|yahoo|outlook|hotmail|icloud|proton|protonmail|gmx|aol|live|me)"
        rf"\.{_TOP}",
        flags=re.I,
        needs=(" @", "@ "),
    ),
)


def _parsed_ip(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(written)
    except ValueError:
        return None


_VERSION_BEFORE: Final = re.compile(
    r"(?:\b(?:v|ver|vers|version|versions|release|released?|build|firmware|driver|sdk|upgrad(?:e|ed|ing)|updat(?:e|ed|ing)|"
    r"downgrad(?:e|ed|ing)|rev|revision|section|chapter|clause|§|oid|chrome|firefox|edge|safari|opera|app|client|agent|"
    r"package|plugin|patch|running)\b[\s.:=(]*(?:(?:to|from|is|was|number|no|v)\b[\s.:=]*){0,2}|\bv)$",
    re.I,
)
_FIRST_OF_TWO: Final = re.compile(r"\d+(?:\.\d+){1,4}\s?(?:to|and|or|,|-|->|→)\s?$")
_ADDRESS_BEFORE: Final = re.compile(
    r"\b(?:ip|ips|ipv4|address|host|server|client ip|dns|gateway)\b[\s\w.:=(]{0,12}$", re.I
)


def _is_version(leading: str) -> bool:
    """Whether the words before say "version", also for the second of "upgrade from 1.2.3.4 to 1.2.3.5"."""
    return bool(_VERSION_BEFORE.search(_FIRST_OF_TWO.sub("", leading)))


def _is_ipv4(match: re.Match[str]) -> bool:
    """A host's address: not a version, a netmask, a network's base or this machine."""
    octets = re.findall(r"\d+", match["address"])
    address = _parsed_ip(".".join(octets))
    if address is None or address.is_loopback or address.is_unspecified or octets[1:] == ["0", "0", "0"]:
        return False
    if octets[0] in {"0", "255"} or re.search(r"[A-Za-z]/$", before(match)):
        return False
    return bool(_ADDRESS_BEFORE.search(before(match))) or not _is_version(before(match))


def _is_ipv6(match: re.Match[str]) -> bool:
    """A host's address: `add::dad` is C++, `::1` is this machine."""
    written = match["address"]
    address = _parsed_ip(written)
    if address is None or address.is_loopback or address.is_unspecified:
        return False
    return written.count(":") == 7 or any(character.isdigit() for character in written)


IPS: Final = (
    rule(
        Kind.IP,
        "IPv4",
        r"(?<![\w.])(?P<secret>(?P<address>\d{1,3}(?:(?:\.|\[\.\]|\(\.\))\d{1,3}){3})(?:/\d{1,2}(?!\d))?)(?!\w)(?!\.\d)",
        check=_is_ipv4,
        needs=(".", "[.]"),
        digits=4,
    ),
    rule(
        Kind.IP,
        "EC2 host name",
        r"\bip(?P<address>(?:-\d{1,3}){4})(?=[.\s]|$)",
        check=_is_ipv4,
        needs=("ip-",),
        digits=4,
    ),
    rule(
        Kind.IP,
        "IPv6",
        r"(?<![\w:.])(?P<address>(?=[^\s]{0,6}:)[\da-f:]{3,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?)(?:%\w{1,15})?(?:/\d{1,3})?(?![\w:]|\.\d)",
        flags=re.I,
        check=_is_ipv6,
        needs=(":",),
        digits=1,
    ),
)
