"""What the local analyzer reads in a conversation, as blocks of numbers: words, characters, cues, shape and vectors."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intelligence.clean import problem_text
from intelligence.local.cues import AGENT, CUSTOMER, LAST, compiled
from intelligence.local.grams import Sparse, Vocabulary, plain
from intelligence.model import Role
from intelligence.ports import Conversation, Embedder

Floats = NDArray[np.float32]

NO_VECTOR: Final[Floats] = np.zeros(0, np.float32)

SHAPE: Final = (
    "length",
    "customer messages",
    "agent messages",
    "customer spoke last",
    "asks",
    "ends by asking",
    "exclaims",
    "shouts in capitals",
    "opens with a question word",
    "opens with an imperative",
    "link",
    "code",
    "resolved",
    "first person plural",
)
CUES: Final = (*CUSTOMER, *AGENT, *LAST, *SHAPE)
_SHOUTED: Final = re.compile(r"\b[A-Z]{4,}\b")
_QUESTION_WORD: Final = re.compile(
    r"\W*(?:how|what|where|why|can|could|is|are|do|does|which|when|who|any|will|should|has)\b"
)
_IMPERATIVE: Final = re.compile(
    r"\W*(?:please|add|allow|support|make|let|enable|provide|show|give|bring|feature|request)\b"
)
_WE: Final = re.compile(r"\b(?:we|our|us|we're|we've)\b")
_OPENING_WORDS: Final = 14  # about a title or a first sentence
_FULL_COUNT: Final = 4  # a cue said more often than this says no more


@dataclass(frozen=True, slots=True)
class Voices:
    """A conversation by who speaks: `problem` and `answer` as written, and `customer`, `opening`, `agent`, `last` as
    `plain` text.

    `opening` is how the customer begins: the title or first sentence, where people say what they came for. `last` is the customer's last message after an agent's, or empty: where people say how it ended.
    """

    problem: str
    answer: str
    customer: str
    opening: str
    agent: str
    last: str
    customer_messages: int
    agent_messages: int
    customer_last: bool
    resolved: bool


@dataclass(frozen=True, slots=True)
class Features:
    """One conversation as numbers; `sparse` by block name, `cues` in the order of `CUES`, `vector` of the problem and
    `answer` of what agents said, (dim,) each: zeros where nobody spoke, empty for decisions that use none.
    """

    sparse: Mapping[str, Sparse]
    cues: Floats
    vector: Floats
    answer: Floats


def problem_of(conversation: Conversation) -> str:
    """The text that stands for the conversation: what the customer said, else the subject."""
    return problem_text(conversation.messages) or conversation.subject


def voices(conversation: Conversation) -> Voices:
    """Sort a conversation by role. Bots count as agents: they answer, they never complain."""
    shown = [message for message in conversation.messages if not message.private_note]
    said = [message for message in shown if message.role is Role.CUSTOMER]
    answers = [message for message in shown if message.role is not Role.CUSTOMER]
    customer_last = bool(shown) and shown[-1].role is Role.CUSTOMER
    problem = problem_of(conversation)
    if conversation.subject and conversation.subject not in problem:
        problem = f"{conversation.subject}\n\n{problem}"
    first_answer = shown.index(answers[0]) if answers else len(shown)
    later = [message for message in shown[first_answer:] if message.role is Role.CUSTOMER]
    customer = plain(problem)
    answer = "\n".join(message.text for message in answers)
    return Voices(
        problem=problem,
        answer=answer,
        customer=customer,
        opening=" ".join(customer.split(maxsplit=_OPENING_WORDS)[:_OPENING_WORDS]),
        agent=plain(answer),
        last=plain(later[-1].text) if later else "",
        customer_messages=len(said),
        agent_messages=len(answers),
        customer_last=customer_last and bool(answers),
        resolved=conversation.resolved,
    )


def cue_values(heard: Voices) -> Floats:
    """Each cue's log count (at most ln 5), then the shape of the conversation, in the order of `CUES`."""
    values: list[float] = []
    for table, text in (("customer", heard.customer), ("agent", heard.agent), ("last", heard.last)):
        for _, pattern in compiled(table):
            values.append(math.log1p(min(_FULL_COUNT, len(pattern.findall(text)))) if text else 0.0)
    return np.array(values + _shape(heard), np.float32)


def _shape(heard: Voices) -> list[float]:
    words = max(1, len(heard.customer.split()))
    return [
        math.log(words) / 4,
        math.log1p(heard.customer_messages),
        math.log1p(heard.agent_messages),
        float(heard.customer_last),
        math.log1p(heard.customer.count("?")),
        float(heard.customer.rstrip().endswith("?")),
        math.log1p(heard.customer.count("!")),
        min(1.0, 5 * len(_SHOUTED.findall(heard.problem)) / words),
        float(bool(_QUESTION_WORD.match(heard.customer))),
        float(bool(_IMPERATIVE.match(heard.customer))),
        float("http" in heard.customer),
        float("`" in heard.customer or "\n    " in heard.customer),
        float(heard.resolved),
        float(bool(_WE.search(heard.customer))),
    ]


def answer_vectors(heard: Sequence[Voices], embedder: Embedder, dim: int) -> list[Floats]:
    """The unit vector (dim,) of what agents said in each conversation; zeros where none spoke.

    An `embedder` of another dimension is not asked: its vectors mean nothing to the weights, and a network's cost money.
    """
    said = [one.answer for one in heard if one.answer.strip()] if embedder.dim == dim else []
    if not said:
        return [np.zeros(dim, np.float32)] * len(heard)
    made = iter(embedder.encode(said))
    return [next(made) if one.answer.strip() else np.zeros(dim, np.float32) for one in heard]


def features(heard: Voices, vocabularies: Mapping[str, Vocabulary], vector: Floats, answer: Floats) -> Features:
    """All blocks of one conversation: `vector` and `answer` are the unit vectors (dim,) of its problem and its answer.

    `vocabularies` has "words" (customer), "opening", "agent" and "last" words.
    """
    texts = {"words": heard.customer, "opening": heard.opening, "agent": heard.agent, "last": heard.last}
    sparse = {name: vocabulary.vector(texts[name]) for name, vocabulary in vocabularies.items()}
    return Features(sparse, cue_values(heard), vector, answer)
