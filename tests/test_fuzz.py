"""The doors for programs and webhooks under generated input: every answer is one that the document promises.

Short here; FUZZ_EXAMPLES=500 makes it long. The number of cases is kept with the test's figures.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from databases import NOW
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from office import HERE, an_office
from pydantic import SecretStr
from schemathesis.specs.openapi.checks import positive_data_acceptance
from test_helpdesks import SECRET, signed, told
from test_theme_edits import EXPORT, themed

from bot.api import build_api
from bot.bearer import Rate
from bot.bodies import Bodies
from bot.flows.reads import Reads, scope_of
from bot.helpdesks import Helpdesks
from bot.senders import Senders
from bot.webhooks import add_webhooks
from integrations.helpdesks.generic import GenericWebhook
from intelligence.model import Source

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
TOKEN = SecretStr("a-token-of-at-least-24-characters")
CASES: Counter[str] = Counter()
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[FastAPI, FastAPI]]:
    """The API, and the webhook routes, over one small workspace."""
    with an_office(tmp_path_factory.mktemp("fuzz"), sqlite_template) as made:
        _, first, found = themed(made, EXPORT, "Export to Excel")
        made.raised(first, found)
        made.work()

        class Desks:
            home, deps = HERE, made.deps

            def wake(self) -> None: ...

        object.__setattr__(made.deps, "helpdesks", Helpdesks(senders={Source.WEBHOOK: GenericWebhook(SECRET)}))
        web = FastAPI()
        add_webhooks(web, Desks(), Bodies(), Senders(10**6, made.clock))  # type: ignore[arg-type]
        yield build_api(Reads(made.deps, scope_of(made.deps, HERE)), TOKEN, Rate(10**6, made.clock)), web


@pytest.fixture(scope="module")
def document(doors: tuple[FastAPI, FastAPI]) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", doors[0])


def test_the_api_answers_as_its_document_says(document: Any) -> None:
    """Each operation with parameters as described and as not described: status, form and body of the answer."""
    bearer = {"Authorization": f"Bearer {TOKEN.get_secret_value()}"}
    for result in document.get_all_operations():
        operation = result.ok()

        @FUZZ
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            CASES[f"{case.method} {case.path}"] += 1
            case.call_and_validate(
                headers=bearer, excluded_checks=[positive_data_acceptance]
            )  # a word may still be no period

        ask()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@FUZZ
@given(data=st.data())
def test_a_signed_delivery_may_hold_anything(doors: tuple[FastAPI, FastAPI], data: st.DataObject) -> None:
    """Parts of a good delivery are replaced by anything at all, or the body is no JSON: told, never a fault."""
    client = TestClient(doors[1], raise_server_exceptions=True)
    for _ in range(20):
        payload: Any = told()
        for _ in range(data.draw(st.integers(0, 3))):
            spot = data.draw(
                st.sampled_from(
                    [payload, payload["data"], payload["data"].get("customer")]
                    if isinstance(payload.get("data"), dict)
                    else [payload]
                )
            )
            if isinstance(spot, dict) and spot:
                spot[data.draw(st.sampled_from(sorted(spot)))] = data.draw(anything)
        body = data.draw(
            st.one_of(
                st.just(json.dumps(payload).encode()),
                st.binary(max_size=60),
                anything.map(lambda v: json.dumps(v).encode()),
            )
        )
        message = f"msg_{data.draw(st.integers(0, 10**9))}"
        answer = client.post("/webhooks/webhook", content=body, headers=signed(body, message=message, at=NOW))
        CASES["POST /webhooks/webhook, signed"] += 1
        assert answer.status_code in {200, 400, 401}, answer.text
        assert answer.json()


@FUZZ
@given(
    body=st.binary(max_size=200),
    headers=st.dictionaries(
        st.from_regex(r"webhook-(id|timestamp|signature)", fullmatch=True),
        st.text(st.characters(max_codepoint=126, min_codepoint=33), max_size=40),
    ),
)
def test_an_unsigned_delivery_is_refused_whatever_it_is(
    doors: tuple[FastAPI, FastAPI], body: bytes, headers: dict[str, str]
) -> None:
    answer = TestClient(doors[1]).post("/webhooks/webhook", content=body, headers=headers)
    CASES["POST /webhooks/webhook, unsigned"] += 1
    assert answer.status_code in {401, 429}


def test_every_door_was_tried(doors: tuple[FastAPI, FastAPI], record_property: Any) -> None:
    if not CASES:
        pytest.skip("the tests before this one count what they try")
    record_property("cases", json.dumps(CASES))
    if path := os.environ.get("FUZZ_COUNTS"):
        Path(path).write_text("".join(f"| {door} | {n} |\n" for door, n in sorted(CASES.items())))
    missing = [path for path in doors[0].openapi()["paths"] if f"GET {path}" not in CASES]
    assert missing == []
