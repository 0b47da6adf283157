"""What a visitor may try: five suggestions, and five posts about something that nobody in the story has mentioned."""

from dataclasses import dataclass

from bot.demo.story.company import PRODUCT_CHANNEL, SUPPORT, Company


@dataclass(frozen=True)
class Suggestion:
    """Something to try. `do` is look, post, ask or command; `text` is what to type, empty where there is nothing."""

    title: str
    do: str
    channel: str
    text: str = ""


@dataclass(frozen=True)
class VisitorPost:
    """A ready post, by a customer of the story."""

    author: str
    channel: str
    text: str


TRY_THESE = (
    Suggestion("Read the newest alert and press Evidence", "look", PRODUCT_CHANNEL),
    Suggestion(
        "Post one more ticket and see the count rise",
        "post",
        SUPPORT,
        "Okta login loops for me as well: I approve the prompt and land on the sign-in page again.",
    ),
    Suggestion("Ask under your ticket", "ask", SUPPORT, "@Ticket Intel is this a known pattern?"),
    Suggestion("See what hurts this week", "command", SUPPORT, "/ticket-intel themes 7d"),
    Suggestion("Look for a wish in your own words", "command", SUPPORT, "/ticket-intel known save a table as xlsx"),
)

_MAP_POSTS = (
    "Our shops are pinned in the wrong place on the map, all of them in the sea off West Africa.",
    "The map shows our shops in the wrong country: the Leeds depot is pinned in Alabama.",
    "map widget: our shops with a postcode starting with 0 are pinned in the wrong place on the map",
    "Since we added the map widget, half of our shops are pinned in the wrong country on the map.",
    "The pins of our shops are in the wrong place on the map, by hundreds of kilometres. Latitude and longitude look swapped.",
)


def visitor_topic(company: Company) -> tuple[VisitorPost, ...]:
    """Five posts on a new subject by customers of five accounts."""
    first_of: dict[str | None, str] = {}
    for person in company.customers:
        first_of.setdefault(person.account, person.key)
    authors = list(first_of.values())[1 : 1 + len(_MAP_POSTS)]
    return tuple(VisitorPost(author, SUPPORT, text) for author, text in zip(authors, _MAP_POSTS, strict=True))
