"""Customer requests in Linear: which account waits for an issue. A customer of that name is used, else one is made."""

from __future__ import annotations

from typing import Any, Final

from integrations.helpdesks.loose import identifier, many
from integrations.helpdesks.port import NotThere, Rejected
from integrations.trackers.graphql import GraphQL
from integrations.trackers.port import Need

CUSTOMER: Final = """query Customer($name: String!) {
  customers(filter: { name: { eqIgnoreCase: $name } }, first: 1) { nodes { id } }
}"""
UPSERT: Final = """mutation Upsert($input: CustomerUpsertInput!) {
  customerUpsert(input: $input) { success customer { id } }
}"""
NEED: Final = "query Need($id: String!) { customerNeed(id: $id) { id } }"
CREATE: Final = """mutation CreateNeed($input: CustomerNeedCreateInput!) {
  customerNeedCreate(input: $input) { success need { id } }
}"""


def put_need(api: GraphQL, issue: str, need: Need, need_id: str) -> str:
    """Write that an account waits for the issue, once; the id of the request. Raises HelpdeskError."""
    if _there(api, need_id):
        return need_id
    given: dict[str, Any] = {
        "id": need_id,
        "issueId": issue,
        "customerId": _customer(api, need),
        "body": need.body,
        "priority": 0,
    }
    return _id(api.ask(CREATE, {"input": given}), "customerNeedCreate", "need")


def _there(api: GraphQL, need_id: str) -> bool:
    """Whether a try that ended without an answer wrote it."""
    try:
        return bool(identifier(api.ask(NEED, {"id": need_id}), "customerNeed", "id"))
    except NotThere:
        return False


def _customer(api: GraphQL, need: Need) -> str:
    found = next(many(api.ask(CUSTOMER, {"name": need.name}), "customers", "nodes"), None)
    if known := identifier(found, "id"):
        return known
    made = api.ask(UPSERT, {"input": {"externalId": need.customer, "name": need.name}})
    return _id(made, "customerUpsert", "customer")


def _id(answer: object, *path: str) -> str:
    found = identifier(answer, *path, "id")
    if not found:
        raise Rejected(f"Linear answered without a {path[-1]}")
    return found
