"""Numbers that a state or an insurer gave to a person."""

from __future__ import annotations

import re
from typing import Final

from intelligence.redaction import checksums
from intelligence.redaction.rule import Kind, checked, compact, is_unnumbered, rule

_IDENTITY_NAME: Final = (
    r"(?:passport|pasaporte|passeport|reisepass|driv(?:er|ing)(?:[’']?s)?[ ]licen[cs]e|driver[ ]id|führerschein|"
    r"national[ ](?:id(?:entity)?|insurance|identification)(?:[ ](?:card|document))?|identity[ ](?:card|document)|"
    r"id[ ]card|personalausweis|ausweis|steuer-?(?:id|identifikationsnummer|nummer)|"
    r"tax[ -]?(?:payer)?[ -]?id(?:entification)?|"
    r"social[ ](?:security|insurance)|sozialversicherungsnummer|rentenversicherungsnummer|"
    r"num[ée]ro de s[ée]curit[ée] sociale|"
    r"codice fiscale|aadhaar|aadhar|pan[ ](?:card|no|number)|nhs|medicare|personnummer|fødselsnummer|"
    r"burgerservicenummer|"
    r"resident[ ](?:id|permit)|green[ ]card|alien[ ]registration|voter[ ]id|sort[ ]code|routing(?:[ ](?:number|no))?|"
    r"bank[ ]account|account[ ]and[ ]routing|itin|ssn|sin|tfn|nino|bsn|pesel|curp|cpf|cnpj|dni|nie|nif|nir|ein|"
    r"vat[ ]id|"
    r"cpr|hetu|nric|insurance[ ](?:number|no|member[ ]id)|medical[ ]record|mrn|health[ ](?:card|insurance))"
)
_IDENTITY_VALUE: Final = (
    r"(?:[a-z]{0,10}\d[a-z\d]{0,19}|[a-z]{1,3}(?=[ .\-/]\d))(?:[ .\-/](?=[a-z\d]{0,9}\d)[a-z\d]{1,10}){0,6}"
)
_BIRTH_DATE: Final = r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d"
_YEAR_FIRST: Final = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"


def _is_identity_value(match: re.Match[str]) -> bool:
    value = match["secret"]
    digits = sum(character.isdigit() for character in value)
    return digits >= 4 and not re.fullmatch(
        r"(?:19|20)\d\d(?:[-/.]\d\d?[-/.]\d\d?)?|\d\d?[-/.]\d\d?[-/.]\d{2,4}", value
    )


IDENTITIES: Final = (
    rule(
        Kind.IDNUM,
        "named identity number",
        rf"\b{_IDENTITY_NAME}(?![a-z])"
        rf"(?:[ _-]?(?:number|num|no|nr|nummer|id|code|#)\b\.?|[ ]?#)?(?:[ ]\([a-z]{{2,10}}\))?"
        rf"(?:[ ](?:is|was|on file is|ending|ist|es|est)|[ ]?[:=#-])?[ ]{{0,2}}\"?(?P<secret>{_IDENTITY_VALUE})",
        flags=re.I,
        check=_is_identity_value,
        digits=4,
    ),
    rule(
        Kind.IDNUM,
        "UK sort code",
        r"\bsort[ ]?code\D{0,6}(?P<secret>\d\d[- ]?\d\d[- ]?\d\d)\b",
        flags=re.I,
        digits=6,
    ),
    rule(
        Kind.IDNUM,
        "US social security number",
        r"(?<![\w-])(?<!\d[ ])(?!000|666)\d{3}([- –])(?!00)\d\d\1(?!0000)\d{4}(?![\w-])(?![ ]\d)",
        check=is_unnumbered,
        digits=9,
    ),
    rule(
        Kind.IDNUM,
        "UK national insurance number",
        r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D]\b",
        flags=re.I,
        digits=6,
    ),
    rule(
        Kind.IDNUM,
        "Spanish DNI or NIE",
        r"\b(?:\d{8}|[XYZ]-?\d{7})-?[A-Z]\b",
        check=checked(checksums.spanish_dni),
        digits=7,
    ),
    rule(
        Kind.IDNUM,
        "Brazilian CPF",
        r"(?<![\w.])\d{3}\.?\d{3}\.?\d{3}-\d\d(?!\w)",
        check=checked(checksums.cpf),
        digits=11,
    ),
    rule(
        Kind.IDNUM,
        "Brazilian CNPJ",
        r"(?<![\w.])\d\d\.?\d{3}\.?\d{3}/\d{4}-\d\d(?!\w)",
        check=checked(checksums.cnpj),
        digits=14,
    ),
    rule(
        Kind.IDNUM,
        "Italian codice fiscale",
        r"\b[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]\b",
        flags=re.I,
        digits=7,
    ),
    rule(
        Kind.IDNUM,
        "French social security number",
        r"(?<![\w.])[12] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d(?!\w)",
        check=checked(checksums.french_nir),
        digits=13,
    ),
    rule(
        Kind.IDNUM,
        "Indian Aadhaar",
        r"(?<![\w.-])[2-9]\d{3}([ -])\d{4}\1\d{4}(?![ -]?\w)",
        check=checked(checksums.verhoeff),
        digits=12,
    ),
    rule(
        Kind.IDNUM,
        "Indian PAN",
        r"\b[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]\b",
        digits=4,
    ),
    rule(
        Kind.IDNUM,
        "Swedish personnummer",
        rf"(?<![\w-])(?:19|20)?(?P<secret>{_YEAR_FIRST}[-+]\d{{4}})(?!\w)",
        check=lambda match: checksums.luhn(re.sub(r"\D", "", match["secret"])),
        digits=10,
    ),
    rule(
        Kind.IDNUM,
        "Finnish identity code",
        rf"\b{_BIRTH_DATE}[-+A-F]\d{{3}}[\dA-Y]\b",
        check=lambda match: checksums.finnish_hetu(match.group()),
        digits=9,
    ),
    rule(
        Kind.IDNUM,
        "Korean registration number",
        rf"(?<![\w-]){_YEAR_FIRST}-[1-4]\d{{6}}(?![\w-])",
        digits=13,
    ),
    rule(
        Kind.IDNUM,
        "Chinese identity number",
        r"(?<!\w)[1-6]\d{5}(?:19|20)\d{9}[\dXx](?!\w)",
        check=checked(checksums.chinese_id),
        digits=17,
    ),
    rule(
        Kind.IDNUM,
        "Singapore NRIC",
        r"\b[STFG]\d{7}[A-Z]\b",
        flags=re.I,
        check=checked(checksums.nric),
        digits=7,
    ),
    rule(
        Kind.IDNUM,
        "Mexican CURP",
        r"\b[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d\b",
        digits=7,
    ),
    rule(
        Kind.IDNUM,
        "Swiss AHV number",
        r"(?<![\w.])756\.\d{4}\.\d{4}\.\d\d(?!\w)",
        check=lambda match: checksums.weighted(compact(match), (1, 3) * 6 + (1,), 10),
        digits=13,
    ),
    rule(
        Kind.IDNUM,
        "US Medicare number",
        r"\b[1-9][A-Z][A-Z\d]\d-[A-Z][A-Z\d]\d-[A-Z]{2}\d\d\b",
        digits=4,
    ),
    rule(
        Kind.IDNUM,
        "UK driving licence",
        r"\b[A-Z]{2,5}9{0,3}\d{6}[A-Z][A-Z9]\d[A-Z]{2}\b",
        digits=7,
    ),
)
