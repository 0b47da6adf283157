"""Cinderpeak Analytics: the company whose support channels the story fills."""

from dataclasses import dataclass
from enum import StrEnum

NAME = "Cinderpeak Analytics"
PRODUCT = "Cinderpeak"
DOMAIN = "cinderpeak.example"
SHARED_ACCOUNT = "Halden Freight"
"""The customer with whom Cinderpeak shares a Slack Connect channel."""


class PersonRole(StrEnum):
    """What somebody does in the story."""

    CUSTOMER = "customer"
    AGENT = "agent"
    PRODUCT_MANAGER = "product_manager"
    ENGINEER = "engineer"
    DOCS_WRITER = "docs_writer"
    ADMIN = "admin"
    APP = "app"


class ChannelPurpose(StrEnum):
    """What a channel of the story is for."""

    SUPPORT = "support"
    NOTIFICATIONS = "notifications"
    PRODUCT = "product"
    ENGINEERING = "engineering"
    DOCS = "docs"
    GENERAL = "general"


@dataclass(frozen=True)
class Person:
    """Somebody, or some app, who writes. `account` is the name of a customer's account."""

    key: str
    name: str
    email: str
    role: PersonRole
    title: str
    account: str | None = None

    @property
    def first_name(self) -> str:
        """The name that people sign with."""
        return self.name.split()[0]


@dataclass(frozen=True)
class Account:
    """A customer company. `revenue` is what it pays a year, in euros; `identity_provider` is empty without SSO."""

    name: str
    domain: str
    plan: str
    region: str
    identity_provider: str
    version: str
    seats: int
    revenue: int

    @property
    def attributes(self) -> dict[str, str]:
        """What a customer list would say about the account, beside its name and plan."""
        return {
            "region": self.region,
            "identity_provider": self.identity_provider or "none",
            "version": self.version,
            "seats": str(self.seats),
            "revenue": str(self.revenue),
        }


@dataclass(frozen=True)
class ProductArea:
    """A part of the product: the words that point to it and the product manager who owns it."""

    name: str
    words: tuple[str, ...]
    owner: str


@dataclass(frozen=True)
class DocsPage:
    """A page of the product's documentation."""

    url: str
    title: str


@dataclass(frozen=True)
class StoryChannel:
    """A channel of the workspace; `shared` means that a customer's company reads it too (Slack Connect)."""

    name: str
    purpose: ChannelPurpose
    topic: str
    private: bool = False
    shared: bool = False

    @property
    def role(self) -> str:
        """The purpose as a word."""
        return self.purpose.value


@dataclass(frozen=True)
class Company:
    """Everything about the company that does not happen at a certain time."""

    name: str
    product: str
    domain: str
    areas: tuple[ProductArea, ...]
    docs: tuple[DocsPage, ...]
    people: tuple[Person, ...]
    accounts: tuple[Account, ...]

    def with_role(self, role: PersonRole) -> tuple[Person, ...]:
        """The people of one role, in a stable order."""
        return tuple(person for person in self.people if person.role is role)

    @property
    def customers(self) -> tuple[Person, ...]:
        """The people who write tickets."""
        return self.with_role(PersonRole.CUSTOMER)

    @property
    def agents(self) -> tuple[Person, ...]:
        """The people who answer them."""
        return self.with_role(PersonRole.AGENT)

    @property
    def product_managers(self) -> tuple[Person, ...]:
        """The people who decide what is built."""
        return self.with_role(PersonRole.PRODUCT_MANAGER)

    @property
    def engineers(self) -> tuple[Person, ...]:
        """The people who build and release."""
        return self.with_role(PersonRole.ENGINEER)

    @property
    def docs_writers(self) -> tuple[Person, ...]:
        """The people who write the documentation."""
        return self.with_role(PersonRole.DOCS_WRITER)

    @property
    def admin(self) -> Person:
        """The person who runs the workspace."""
        return self.with_role(PersonRole.ADMIN)[0]

    def person(self, key: str) -> Person:
        """The person with this key; KeyError where there is none."""
        for person in self.people:
            if person.key == key:
                return person
        raise KeyError(key)

    def account(self, name: str) -> Account:
        """The account with this name; KeyError where there is none."""
        for account in self.accounts:
            if account.name == name:
                return account
        raise KeyError(name)


def _employee(key: str, name: str, role: PersonRole, title: str) -> Person:
    return Person(key, name, f"{key}@{DOMAIN}", role, title)


DESKLY = Person("deskly", "Deskly", f"deskly@{DOMAIN}", PersonRole.APP, "Helpdesk notifications")

STAFF = (
    _employee("mira", "Mira Solberg", PersonRole.AGENT, "Support lead"),
    _employee("theo", "Theo Lambert", PersonRole.AGENT, "Support agent"),
    _employee("asha", "Asha Menon", PersonRole.AGENT, "Support agent"),
    _employee("callum", "Callum Reyes", PersonRole.AGENT, "Support agent"),
    _employee("jolanta", "Jolanta Wilk", PersonRole.AGENT, "Support agent"),
    _employee("dana", "Dana Ostrander", PersonRole.PRODUCT_MANAGER, "Product manager, Reporting and Dashboards"),
    _employee("kofi", "Kofi Mensah", PersonRole.PRODUCT_MANAGER, "Product manager, Platform"),
    _employee("lena", "Lena Hartwig", PersonRole.PRODUCT_MANAGER, "Product manager, Growth"),
    _employee("ruben", "Ruben Aalto", PersonRole.ENGINEER, "Engineer on call"),
    _employee("saoirse", "Saoirse Byrne", PersonRole.ENGINEER, "Release engineer"),
    _employee("minh", "Minh Dao", PersonRole.ENGINEER, "Engineer, Query service"),
    _employee("paige", "Paige Turner-Lund", PersonRole.DOCS_WRITER, "Technical writer"),
    _employee("ada", "Ada Fenn", PersonRole.ADMIN, "Workspace admin"),
    DESKLY,
)

AREAS = (
    ProductArea("Reporting", ("report", "export", "download", "CSV", "PDF", "spreadsheet"), "dana"),
    ProductArea("Dashboards", ("dashboard", "chart", "widget", "filter", "board", "theme"), "dana"),
    ProductArea("Performance", ("slow", "loading", "speed", "seconds"), "kofi"),
    ProductArea("Authentication", ("login", "SSO", "SAML", "password", "sign in"), "kofi"),
    ProductArea("Permissions", ("role", "team", "access", "folder", "rights"), "kofi"),
    ProductArea("Integrations", ("connector", "sync", "Salesforce", "BigQuery", "Slack", "connect"), "lena"),
    ProductArea("Data sources", ("refresh", "real time", "live data", "up to date"), "lena"),
    ProductArea("API", ("endpoint", "token", "rate limit", "webhook", "ingest"), "lena"),
    ProductArea("Alerts", ("alert", "threshold", "subscription", "scheduled mail"), "dana"),
    ProductArea("Mobile", ("phone", "app", "iOS", "Android", "tablet"), "lena"),
    ProductArea("Billing", ("invoice", "charge", "price", "seats", "plan"), "lena"),
    ProductArea("Compliance", ("GDPR", "data protection", "audit", "sub-processor"), "kofi"),
    ProductArea("Onboarding", ("training", "templates", "getting started"), "lena"),
)

DOCS_BASE = f"https://docs.{DOMAIN}"
DOCS = (
    DocsPage(f"{DOCS_BASE}/integrations/setup", "Setting up integrations"),
    DocsPage(f"{DOCS_BASE}/performance/extracts", "Extracts and live queries"),
    DocsPage(f"{DOCS_BASE}/api/limits", "API limits and bulk requests"),
    DocsPage(f"{DOCS_BASE}/embedding", "Embedding dashboards"),
    DocsPage(f"{DOCS_BASE}/permissions/row-level-security", "Row-level security"),
    DocsPage(f"{DOCS_BASE}/admin/scim", "Provisioning users with SCIM"),
    DocsPage(f"{DOCS_BASE}/academy", "The academy: courses and videos"),
    DocsPage(f"{DOCS_BASE}/compliance", "Data protection and compliance"),
    DocsPage(f"{DOCS_BASE}/reports/exporting", "Exporting reports"),
    DocsPage(f"{DOCS_BASE}/alerts/schedules", "Alerts and schedules"),
)

SUPPORT = "support"
ENTERPRISE_SUPPORT = "support-enterprise"
SHARED = "ext-halden-freight"
HELPDESK = "deskly-tickets"
RELEASES = "releases"
PRODUCT_CHANNEL = "product-insights"

CHANNELS = (
    StoryChannel(SUPPORT, ChannelPurpose.SUPPORT, "Questions and problems, all customers welcome"),
    StoryChannel(ENTERPRISE_SUPPORT, ChannelPurpose.SUPPORT, "Enterprise customers", private=True),
    StoryChannel(SHARED, ChannelPurpose.SUPPORT, "Cinderpeak and Halden Freight", shared=True),
    StoryChannel(HELPDESK, ChannelPurpose.NOTIFICATIONS, "New and solved tickets from Deskly"),
    StoryChannel(PRODUCT_CHANNEL, ChannelPurpose.PRODUCT, "What customers tell us"),
    StoryChannel("eng-alerts", ChannelPurpose.ENGINEERING, "What is broken, and who has the pager"),
    StoryChannel("docs-gaps", ChannelPurpose.DOCS, "Pages to write and pages to find"),
    StoryChannel(RELEASES, ChannelPurpose.GENERAL, "What went out, and when"),
    StoryChannel("general", ChannelPurpose.GENERAL, "Everybody at Cinderpeak"),
    StoryChannel("random", ChannelPurpose.GENERAL, "Cats, bread, table tennis"),
)
