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
    Suggestion("Read the alert about sign-in and press Evidence", "look", PRODUCT_CHANNEL),
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
    "Our map tile puts all the shops in the sea off West Africa. The addresses in the table are right.",
    "The pins on the map are in the wrong country: our Leeds depot is shown in Leeds, Alabama.",
    "geo map: every postcode starting with 0 lands on the equator",
    "Since we added the map widget half of our sites are at latitude 0, longitude 0. Can you check the geocoding?",
    "Locations are misplaced on the map, by hundreds of kilometres. Latitude and longitude seem to be swapped.",
)


def visitor_topic(company: Company) -> tuple[VisitorPost, ...]:
    """Five posts on a new subject by customers of five accounts."""
    first_of: dict[str | None, str] = {}
    for person in company.customers:
        first_of.setdefault(person.account, person.key)
    authors = list(first_of.values())[1 : 1 + len(_MAP_POSTS)]
    return tuple(VisitorPost(author, SUPPORT, text) for author, text in zip(authors, _MAP_POSTS, strict=True))
