"""The customers: accounts with their plans and identity providers, and the people who write from them."""

import re
import unicodedata
from random import Random

from bot.demo.story.banks import bank
from bot.demo.story.company import SHARED_ACCOUNT, Account, Person, PersonRole

_PLANS = {"Starter": 0.18, "Team": 0.3, "Business": 0.32, "Enterprise": 0.2}
_SEATS = {"Starter": (3, 15), "Team": (12, 60), "Business": (40, 220), "Enterprise": (200, 1800)}
_WRITERS = {"Starter": (1, 2), "Team": (2, 3), "Business": (2, 4), "Enterprise": (4, 8)}
_PRICE = {"Starter": 180, "Team": 240, "Business": 310, "Enterprise": 360}
_REGIONS = {"EMEA": 0.5, "Americas": 0.35, "APAC": 0.15}
_PROVIDERS = {"Entra ID": 0.42, "Google Workspace": 0.25, "Okta": 0.17, "OneLogin": 0.09, "Ping Identity": 0.07}
_SSO_SHARE = {"Starter": 0.0, "Team": 0.35, "Business": 0.85, "Enterprise": 1.0}
_VERSIONS = {"4.2": 0.85, "4.1 LTS": 0.15}


def accounts(rng: Random) -> tuple[Account, ...]:
    """One account for every name in the bank."""
    return tuple(_account(name, rng) for name in bank("people").lines("account"))


def customers(rng: Random, of: tuple[Account, ...]) -> tuple[Person, ...]:
    """The people who write from these accounts, each with a name of their own."""
    taken: set[str] = set()
    return tuple(_customer(account, rng, taken) for account in of for _ in range(rng.randint(*_WRITERS[account.plan])))


def slug(text: str) -> str:
    """Text as letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def _account(name: str, rng: Random) -> Account:
    plan, provider = _pick(_PLANS, rng), _pick(_PROVIDERS, rng)
    version = _pick(_VERSIONS, rng)
    if name == SHARED_ACCOUNT:
        plan, provider, version = "Enterprise", "Okta", "4.2"
    elif rng.random() >= _SSO_SHARE[plan]:
        provider = ""
    if provider == "Okta":
        version = "4.2"
    seats = rng.randint(*_SEATS[plan])
    revenue = round(seats * _PRICE[plan] * rng.uniform(0.75, 1.05), -2)
    domain = f"{slug(name)}.example"
    return Account(name, domain, plan, _pick(_REGIONS, rng), provider, version, seats, int(revenue))


def _customer(account: Account, rng: Random, taken: set[str]) -> Person:
    names = bank("people")
    while True:
        name = f"{rng.choice(names.lines('first'))} {rng.choice(names.lines('last'))}"
        key = slug(name)
        if key not in taken:
            taken.add(key)
            break
    email = f"{key.replace('-', '.')}@{account.domain}"
    return Person(key, name, email, PersonRole.CUSTOMER, rng.choice(names.lines("title")), account.name)


def _pick(weights: dict[str, float], rng: Random) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]
