"""Check digits of the identifiers that people paste into tickets: what tells a card from an order number.

Every function takes the bare identifier (no spaces or dashes) and answers whether its check digits are right; none
raises for a string of the wrong length or alphabet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

_Weights = Callable[[int], Iterable[int]]


def luhn(number: str) -> bool:
    """ISO/IEC 7812 (payment cards), Canadian SIN, Swedish personnummer. A number of one repeated digit is refused."""
    if not _is_digits(number) or len(set(number)) == 1:
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


# Length of an IBAN by country: SWIFT IBAN registry, release 99.
_IBAN_LENGTHS: Final = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH CR HR LI LV",
    22: "BG BH DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ DZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
IBAN_LENGTH: Final = {country: length for length, countries in _IBAN_LENGTHS.items() for country in countries.split()}


def iban(account: str) -> bool:
    """ISO 13616: the country's length and ISO 7064 mod 97-10 over the rotated account."""
    account = account.upper()
    if len(account) != IBAN_LENGTH.get(account[:2]) or not (account.isascii() and account.isalnum()):
        return False
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97 == 1


def weighted(number: str, weights: Sequence[int], modulus: int) -> bool:
    """Whether the digits of `number`, multiplied by `weights`, add up to a multiple of `modulus`."""
    if not _is_digits(number) or len(number) != len(weights):
        return False
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True)) % modulus == 0


def cpf(number: str) -> bool:
    """Brazilian CPF: two check digits, each the weighted sum of what precedes it, mod 11."""
    return _brazilian(number, 11, lambda count: range(count + 1, 1, -1))


def cnpj(number: str) -> bool:
    """Brazilian CNPJ: as CPF, with weights that run 2..9 from the right and start again."""
    return _brazilian(number, 14, lambda count: [2 + (count - 1 - i) % 8 for i in range(count)])


def _brazilian(number: str, length: int, weights_for: _Weights) -> bool:
    if not _is_digits(number) or len(number) != length or len(set(number)) == 1:
        return False
    digits = [int(digit) for digit in number]
    for count in (length - 2, length - 1):
        total = sum(digit * weight for digit, weight in zip(digits, weights_for(count), strict=False))
        if digits[count] != (0 if total % 11 < 2 else 11 - total % 11):
            return False
    return True


def spanish_dni(number: str) -> bool:
    """Spanish DNI and NIE: the last letter is the number mod 23; X, Y, Z of a NIE stand for 0, 1, 2."""
    digits = number[:-1].upper().translate(str.maketrans("XYZ", "012"))
    return len(number) == 9 and _is_digits(digits) and "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == number[-1].upper()


def french_nir(number: str) -> bool:
    """French social security number: the last two digits are 97 minus the rest mod 97 (Corsica: 2A is 19, 2B 18)."""
    number = number.upper().replace("2A", "19").replace("2B", "18")
    return _is_digits(number) and len(number) == 15 and 97 - int(number[:13]) % 97 == int(number[13:])


def chinese_id(number: str) -> bool:
    """Chinese resident identity number: ISO 7064 mod 11-2, where X is ten."""
    if len(number) != 18 or not _is_digits(number[:17]):
        return False
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17].upper()


def nric(number: str) -> bool:
    """Singapore NRIC and FIN: weighted sum mod 11, its letter table chosen by the prefix."""
    prefix, digits, letter = number[:1].upper(), number[1:8], number[8:].upper()
    if prefix not in {"S", "T", "F", "G"} or not _is_digits(digits) or len(number) != 9:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, (2, 7, 6, 5, 4, 3, 2), strict=True))
    table = "JZIHGFEDCBA" if prefix in {"S", "T"} else "XWUTRQPNMLK"
    return table[(total + 4 * (prefix in {"T", "G"})) % 11] == letter


def finnish_hetu(number: str) -> bool:
    """Finnish personal identity code DDMMYYCNNNX: X is the nine digits mod 31."""
    digits = number[:6] + number[7:10]
    return (
        len(number) == 11 and _is_digits(digits) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31] == number[10]
    )


# Verhoeff's tables: multiplication in the dihedral group D5 and the powers of his permutation (Verhoeff, 1969).
_D5: Final = tuple(
    tuple(
        (i + j) % 5 if i < 5 and j < 5 else (i + j) % 5 + 5 if i < 5 else (i - j) % 5 + 5 if j < 5 else (i - j) % 5
        for j in range(10)
    )
    for i in range(10)
)
_PERMUTATION: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def verhoeff(number: str) -> bool:
    """Verhoeff's check over the dihedral group D5: Indian Aadhaar."""
    if not _is_digits(number):
        return False
    check = 0
    for position, character in enumerate(reversed(number)):
        digit = int(character)
        for _ in range(position % 8):
            digit = _PERMUTATION[digit]
        check = _D5[check][digit]
    return check == 0


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
