"""The Batch API: many questions in one file, answered within a day at half the price. For backfills.

Four steps, each safe to repeat after a crash because the server keeps the state: `submit` uploads and creates, `status`
polls, `collect` reads the answers by the caller's ids, `cancel` gives up. A server without batches raises Unsupported.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, cast

import openai
from pydantic import SecretStr

from integrations.openai import Dialect, ModelReply, client_for, named, reply_of
from integrations.openai_errors import ModelError, Rejected, Unsupported
from intelligence.prompts.request import ModelRequest

ENDPOINT: Final = "/v1/chat/completions"
MAX_REQUESTS: Final = 50_000  # the API's limits of one file
MAX_BYTES: Final = 190_000_000
_MISSING: Final = frozenset({404, 405, 501})

Answer = ModelReply | ModelError


class BatchState(StrEnum):
    """Where a batch stands, in the API's words."""

    VALIDATING = "validating"
    IN_PROGRESS = "in_progress"
    FINALIZING = "finalizing"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({BatchState.COMPLETED, BatchState.FAILED, BatchState.EXPIRED, BatchState.CANCELLED})


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """How far a batch is. An expired or cancelled one has the answers that were ready."""

    id: str
    state: BatchState
    total: int
    done: int
    failed: int
    output_file: str | None
    error_file: str | None

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class BatchModel:
    """A model that is asked by files. `dialect` can be a ChatModel's, which knows what the server accepts."""

    def __init__(
        self,
        *,
        key: SecretStr,
        base_url: str,
        model: str,
        timeout: float = 60.0,
        dialect: Dialect | None = None,
        private_hosts: Collection[str] = (),
    ) -> None:
        self.model = model
        self._dialect = dialect or Dialect()
        self._client = client_for(key, base_url, timeout, private_hosts)

    def submit(self, requests: Mapping[str, ModelRequest]) -> str:
        """Upload the questions under the caller's ids and start the batch; returns the batch's id.

        Raises ModelError, and ValueError for more than one file can hold (see `files_of`).
        """
        files = list(self.files_of(requests))
        if len(files) != 1:
            raise ValueError(f"{len(requests)} requests need {len(files)} batches; submit them in parts")
        with _Names():
            uploaded = self._client.files.create(file=("tickets.jsonl", files[0][1]), purpose="batch")
            made = self._client.batches.create(input_file_id=uploaded.id, endpoint=ENDPOINT, completion_window="24h")
        return made.id

    def files_of(self, requests: Mapping[str, ModelRequest]) -> Iterator[tuple[list[str], bytes]]:
        """The requests as JSONL files within the API's limits, each with the ids it holds."""
        ids: list[str] = []
        content = bytearray()
        for name, request in requests.items():
            line = self._line(name, request)
            if ids and (len(ids) >= MAX_REQUESTS or len(content) + len(line) > MAX_BYTES):
                yield ids, bytes(content)
                ids, content = [], bytearray()
            ids.append(name)
            content += line
        if ids:
            yield ids, bytes(content)

    def status(self, batch_id: str) -> BatchStatus:
        """Ask how far a batch is. Raises ModelError."""
        with _Names():
            batch = self._client.batches.retrieve(batch_id)
        counts = batch.request_counts
        return BatchStatus(
            batch.id,
            BatchState(batch.status),
            counts.total if counts else 0,
            counts.completed if counts else 0,
            counts.failed if counts else 0,
            batch.output_file_id,
            batch.error_file_id,
        )

    def collect(self, status: BatchStatus) -> dict[str, Answer]:
        """The answers by the caller's ids; a question that failed has its error, one without an answer is not there.

        Raises ModelError where the files cannot be read.
        """
        found: dict[str, Answer] = {}
        for file_id in (status.error_file, status.output_file):
            for line in self._lines(file_id) if file_id else ():
                name = line.get("custom_id")
                if isinstance(name, str):
                    found[name] = self._answer(line)
        return found

    def cancel(self, batch_id: str) -> None:
        """Give a batch up. Raises ModelError."""
        with _Names():
            self._client.batches.cancel(batch_id)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _line(self, name: str, request: ModelRequest) -> bytes:
        body = self._dialect.body(request, self.model)
        line = {"custom_id": name, "method": "POST", "url": ENDPOINT, "body": body}
        return json.dumps(line, ensure_ascii=False).encode() + b"\n"

    def _lines(self, file_id: str) -> Iterator[Mapping[str, Any]]:
        with _Names():
            content = self._client.files.content(file_id).content
        for line in content.splitlines():
            try:
                found: object = json.loads(line)
            except ValueError:
                continue  # a question without an answer, as the caller sees it
            if isinstance(found, dict):
                yield cast("Mapping[str, Any]", found)

    def _answer(self, line: Mapping[str, Any]) -> Answer:
        response = line.get("response")
        status = response.get("status_code") if isinstance(response, dict) else None
        if not isinstance(response, dict) or status != 200:
            return Rejected(f"the batch could not answer (HTTP {status})" if status else "the batch could not answer")
        try:
            return reply_of(json.dumps(response.get("body")).encode(), self.model)
        except ModelError as error:
            return error


class _Names:
    """Turns the openai package's errors into ours; a missing endpoint into Unsupported."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, openai.APIStatusError) and error.status_code in _MISSING:
            raise Unsupported("the server offers no batches") from None
        if isinstance(error, openai.OpenAIError):
            raise named(error) from None
