"""Read tickets with a model behind an OpenAI-compatible address, and with the local analyzer wherever that fails.

The local analyzer reads every conversation first (milliseconds): it is the answer if the model has none, and a second
opinion if it has. Then one triage call a conversation, and the mining technique's own questions for the signals found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from bot.clock import Clock, SystemClock
from bot.errors import BadSettings
from bot.learning import Learner, Tried
from bot.model_calls import Breaker, Calls, NotRead, masked
from bot.settings import Settings
from bot.token_budget import TokenBudget
from integrations.openai import ChatModel, ModelReply
from integrations.openai_batch import BatchModel
from integrations.openai_errors import Unsupported, Usage
from intelligence.local.corrections import Lesson
from intelligence.mined import read_technique
from intelligence.model import Analysis
from intelligence.ports import Analyzer, Conversation
from intelligence.prompts import TECHNIQUES
from intelligence.prompts.edition import SHIPPED, Edition
from intelligence.prompts.request import (
    Correction,
    Corrections,
    ModelRequest,
    nearest_corrections,
    technique_request,
    triage_request,
)
from intelligence.redact import redact
from intelligence.replies import BadReply, read_triage
from storage.engine import Database

Batches = Callable[[ChatModel], BatchModel]

log = structlog.get_logger(__name__)

IN_FLIGHT: Final = 8
MAX_TECHNIQUES: Final = 3


def build_openai_analyzer(
    settings: Settings,
    local: Analyzer,
    db: Database,
    *,
    clock: Clock | None = None,
    workspace: str | None = None,
    corrections: Corrections | None = None,
) -> OpenAIAnalyzer:
    """The analyzer that the settings describe. Raises BadSettings without a key.

    Tokens are counted on `workspace`, else on that of the settings.

    `corrections` answers with people's relabellings of this workspace's tickets, which become examples in the prompt.
    """
    if settings.openai_api_key is None:
        raise BadSettings(problems="OPENAI_API_KEY: it is needed with ANALYZER=openai; set it, or use ANALYZER=local")
    clock = clock or SystemClock()
    model = ChatModel(
        key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        model=settings.openai_model,
        timeout=settings.openai_timeout,
        in_flight=IN_FLIGHT,
        private_hosts=settings.ids("private_hosts"),
    )
    name = f"openai:{settings.openai_model}"
    budget = TokenBudget(
        db, clock, workspace=workspace or settings.workspace, name=name, cap=settings.openai_daily_tokens
    )
    endpoint: Any = {
        "key": settings.openai_api_key,
        "base_url": settings.openai_base_url,
        "private_hosts": settings.ids("private_hosts"),
    }
    return OpenAIAnalyzer(
        model,
        local,
        budget,
        clock,
        corrections=corrections or _none,
        region=settings.phone_region,
        batches=lambda chat: BatchModel(**endpoint, model=chat.model, dialect=chat.dialect),
    )


def _none() -> Sequence[Correction]:
    return ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A reading and what it cost; `because` says why all of it (`local`) or a part is the local analyzer's. `asked` is
    whether the model gave an answer, however poor.
    """

    analysis: Analysis
    usage: Usage
    because: str | None = None
    local: bool = False
    asked: bool = True


class OpenAIAnalyzer:
    """Implements intelligence.ports.Analyzer. Never raises for a conversation or for what the model does."""

    def __init__(
        self,
        model: ChatModel,
        local: Analyzer,
        budget: TokenBudget,
        clock: Clock,
        *,
        corrections: Corrections = _none,
        region: str = "US",
        edition: Edition = SHIPPED,
        batches: Batches | None = None,
    ) -> None:
        self._model = model.called(edition.model) if edition.model else model
        self._usual = model
        self._batches = batches
        self._edition = edition
        self._local = local
        self._budget = budget
        self._corrections = corrections
        self._region = region
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}

    @property
    def name(self) -> str:
        return f"openai:{self._model.model}"

    def analyze(self, conversations: Sequence[Conversation]) -> list[Analysis]:
        """Read conversations, up to eight at a time, in the order they were given."""
        if not conversations:
            return []
        local = self._local.analyze(conversations)
        corrections = self._corrections()
        # A pool for each call ends with it; the model's own limit holds over all calls.
        with ThreadPoolExecutor(min(IN_FLIGHT, len(conversations)), thread_name_prefix="model") as pool:
            read = list(pool.map(lambda c, own: self._read(c, own, corrections), conversations, local))
        for reason, count in Counter(each.because for each in read if each.because is not None).items():
            log.warning("model_replaced_by_local", model=self._model.model, reason=reason, tickets=count)
        return [self._marked(each) for each in read]

    def taught(self, lesson: Lesson | None, version: str, examples: Sequence[Correction]) -> OpenAIAnalyzer:
        """The same model, budget and patience, with a taught local analyzer behind it and these examples."""
        local = self._local
        if isinstance(local, Learner):
            local = local.taught(lesson, version, examples)
        return self._like(local, lambda: examples, self._edition)

    def reading_with(self, edition: Edition) -> OpenAIAnalyzer:
        """The same analyzer, which asks with another edition's prompts and model."""
        return self._like(self._local, self._corrections, edition)

    def counted_on(self, workspace: str) -> OpenAIAnalyzer:
        """The same analyzer, whose tokens are counted on this workspace."""
        return self._like(self._local, self._corrections, self._edition, self._budget.counted_on(workspace))

    def _like(
        self, local: Analyzer, corrections: Corrections, edition: Edition, budget: TokenBudget | None = None
    ) -> OpenAIAnalyzer:
        made = OpenAIAnalyzer(
            self._usual,
            local,
            budget or self._budget,
            self._clock,
            corrections=corrections,
            region=self._region,
            edition=edition,
            batches=self._batches,
        )
        made._breakers = self._breakers
        return made

    def tried_on(
        self, conversations: Sequence[Conversation], examples: Sequence[Sequence[Correction]], *, techniques: bool
    ) -> list[Tried]:
        """Read conversations as on any day, each with examples of its own: those that do not give its label away.

        Without `techniques` only the triage is asked, which decides the labels.
        """
        if not conversations:
            return []
        local = self._local.analyze(conversations)
        with ThreadPoolExecutor(min(IN_FLIGHT, len(conversations)), thread_name_prefix="trial") as pool:
            work = pool.map(
                lambda c, own, shown: self._read(c, own, shown, techniques=techniques), conversations, local, examples
            )
            read = list(work)
        return [Tried(self._marked(r), asked=r.asked, usable=r.because is None, reason=r.because) for r in read]

    def write(self, request: ModelRequest) -> str | None:
        """The model's reply to a request that is about no conversation, within the day's tokens; None, having logged
        why, where it has none.
        """
        try:
            return self.calls().ask(request).text
        except NotRead as error:
            log.warning("model_did_not_write", model=self._model.model, request=request.name, reason=str(error))
            return None

    def calls(self) -> Calls:
        """Calls to the model that count as one: within the day's tokens, not while the server is known to be out."""
        return Calls(self._model, self._budget, self._breaker())

    def close(self) -> None:
        """Close the connections to the model."""
        self._model.close()

    def batches(self) -> BatchModel:
        """This analyzer's model, asked by file; whoever takes it closes it. Raises Unsupported."""
        if self._batches is None:
            raise Unsupported("no address for batches is known")
        return self._batches(self._model)

    def question(self, conversation: Conversation) -> ModelRequest | None:
        """What a file asks about a conversation: without examples, which may be others when the answer comes. None where
        it may not be sent.
        """
        try:
            return triage_request(masked(conversation, self._region), edition=self._edition)
        except NotRead:
            return None

    def answered(self, conversation: Conversation, second: Analysis, reply: ModelReply) -> Analysis | str:
        """The reading that an answer from a file gives, with the local analyzer's fields of the signals; or why not."""
        try:
            guarded = masked(conversation, self._region)
            request = triage_request(guarded, edition=self._edition)
            found = read_triage(reply.text, guarded, request, second)
        except (NotRead, BadReply) as error:
            return str(error)
        own = {signal.kind: signal.fields for signal in second.signals}
        signals = tuple(replace(signal, fields=own.get(signal.kind, {})) for signal in found.signals)
        return self._marked(_Read(replace(found, signals=signals), reply.usage))

    def local(self, conversations: Sequence[Conversation]) -> list[Analysis]:
        """The second opinion by itself."""
        return self._local.analyze(conversations)

    def _breaker(self) -> Breaker:
        """A model's own: a candidate that may not be used must not keep the live one from reading."""
        return self._breakers.setdefault(self._model.model, Breaker(self._clock))

    def _triage(self, guarded: Conversation, second: Analysis, corrections: Sequence[Correction]) -> ModelRequest:
        shown = nearest_corrections(corrections, guarded, likely=second.subcategory)
        masked_ones = [_masked_correction(c, self._region) for c in shown]
        return triage_request(guarded, masked_ones, likely=second.subcategory, edition=self._edition)

    def _marked(self, read: _Read) -> Analysis:
        by = {} if read.local else {"analyzer": self.name, "model": self._model.model}
        tokens = {"tokens_in": read.usage.tokens_in, "tokens_out": read.usage.tokens_out}
        return replace(read.analysis, fallback=read.because, **by, **tokens)

    def _read(
        self,
        conversation: Conversation,
        second: Analysis,
        corrections: Sequence[Correction],
        *,
        techniques: bool = True,
    ) -> _Read:
        calls = self.calls()
        try:
            guarded = masked(conversation, self._region)
            request = self._triage(guarded, second, corrections)
            analysis = read_triage(calls.ask(request).text, guarded, request, second)
        except (NotRead, BadReply) as error:
            asked = error.answered if isinstance(error, NotRead) else True
            return _Read(second, calls.usage, str(error), local=True, asked=asked)
        if not techniques:
            return _Read(analysis, calls.usage)
        mined, problems = _mined(analysis, guarded, second, calls, self._edition)
        return _Read(mined, calls.usage, "; ".join(problems) or None)


def _mined(
    analysis: Analysis, conversation: Conversation, second: Analysis, calls: Calls, edition: Edition
) -> tuple[Analysis, list[str]]:
    """The analysis with what each technique extracted, the local analyzer's fields where that fails, and why."""
    fields = {signal.kind: signal.fields for signal in analysis.signals}
    versions, problems = [analysis.prompt_version], list[str]()
    for kind in [kind for kind in fields if kind in TECHNIQUES][:MAX_TECHNIQUES]:
        request = technique_request(kind, conversation, edition=edition)
        try:
            fields[kind] = read_technique(kind, calls.ask(request).text, conversation, request)
            versions.append(request.version)
        except (NotRead, BadReply) as error:
            fields[kind] = next((s.fields for s in second.signals if s.kind is kind), {})
            problems.append(f"{error} ({kind.value} only)")
    signals = tuple(replace(signal, fields=fields[signal.kind]) for signal in analysis.signals)
    return replace(analysis, signals=signals, prompt_version="+".join(versions)), problems


def _masked_correction(correction: Correction, region: str) -> Correction:
    return replace(correction, text=redact(correction.text, region=region).text)
