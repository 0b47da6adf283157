"""all-MiniLM-L6-v2 on onnxruntime: the embedder that needs no key and no network."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from intelligence.encoder.languages import looks_english

if TYPE_CHECKING:
    import tokenizers

MODEL: Final = "all-MiniLM-L6-v2-int8"
DIM: Final = 384
MAX_TOKENS: Final = 256
# 256 word pieces of ordinary text end near 1,200 characters; what lies beyond this cut cannot reach the vector,
# and tokenising a 40 kB log would cost more than encoding it.
MAX_CHARACTERS: Final = 8_000

Vector = NDArray[np.float32]


class MiniLMEncoder:
    """Encodes texts as unit vectors of 384 floats; safe to share between threads.

    Every text is its own run of the model: the weights are *dynamically* quantised, so in a batch a vector would depend
    on its neighbours (cosine down to 0.979 against the same text alone). Parallelism comes from running one text per
    core instead, which is also faster.

    The model is loaded at the first call of `encode` (about 0.3 s), not at construction.
    """

    model: str = MODEL
    dim: int = DIM

    def __init__(self, *, threads: int | None = None, cache_size: int = 8_192) -> None:
        """`threads`: texts encoded at once, by default the cores this process may use.

        `cache_size`: vectors kept, the most recently used; each takes 1.5 kB.
        """
        self._threads = threads or _usable_cores()
        self._cache = _VectorCache(cache_size)
        self._loading = threading.Lock()
        self._network: _Network | None = None

    def encode(self, texts: Sequence[str]) -> Vector:
        """Return the vectors of `texts`, shape (n, 384), in the order given.

        Rows have unit length; a text without any visible character gets the zero vector, which is similar to nothing.
        """
        keys = [_key(text) for text in texts]
        vectors = self._cache.get_many(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in vectors}
        if missing:
            found = dict(zip(missing, self._encode_all(list(missing.values())), strict=True))
            self._cache.put_many(found)
            vectors.update(found)
        if not keys:
            return np.zeros((0, DIM), dtype=np.float32)
        return np.stack([vectors[key] for key in keys])

    def reads(self, text: str) -> bool:
        """Whether the encoder understands this text's language; it was trained on English.

        Texts too short to tell get the benefit of the doubt.
        """
        return looks_english(text)

    def _encode_all(self, texts: list[str]) -> list[Vector]:
        network = self._load()
        if len(texts) == 1:
            return [network.encode(texts[0])]
        with ThreadPoolExecutor(min(self._threads, len(texts)), thread_name_prefix="encode") as pool:
            return list(pool.map(network.encode, texts))

    def _load(self) -> _Network:
        with self._loading:
            if self._network is None:
                self._network = _Network(Path(__file__).parent)
            return self._network


class _Session(Protocol):
    """The one method used of onnxruntime.InferenceSession, which ships no types; safe to call from many threads."""

    def run(self, output_names: list[str], input_feed: dict[str, NDArray[np.int64]]) -> list[Vector]: ...


class _Network:
    """Tokenizer and ONNX session of one folder."""

    def __init__(self, folder: Path) -> None:
        self._session = _open_session(folder / "model.onnx")
        self._tokenizer = _open_tokenizer(folder / "tokenizer.json")

    def encode(self, text: str) -> Vector:
        if not text or text.isspace():
            return np.zeros(DIM, dtype=np.float32)
        # A lone surrogate (cut emoji) is a legal Python string but not legal UTF-8, which the tokenizer needs.
        readable = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
        ids = np.array([self._tokenizer.encode(readable).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return self._session.run(["emb"], inputs)[0][0]


# The native libraries are imported where they are opened: together they cost 0.2 s, which `--help` must not pay.


def _open_session(path: Path) -> _Session:
    # Version 1.32 reports to Microsoft, keeps an identifier in the home directory, and its own
    # disable_telemetry_events() comes too late: the library looks at this variable when it is loaded.
    os.putenv("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

    untyped = cast("Any", onnxruntime)
    options = untyped.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: its warnings are about graph optimisations
    return untyped.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _open_tokenizer(path: Path) -> tokenizers.Tokenizer:
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    cast("Any", tokenizer).enable_truncation(MAX_TOKENS)
    return tokenizer


class _VectorCache:
    """The most recently used vectors by text hash, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._vectors: OrderedDict[bytes, Vector] = OrderedDict()

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        with self._lock:
            found = {key: self._vectors[key] for key in keys if key in self._vectors}
            for key in found:
                self._vectors.move_to_end(key)
        return found

    def put_many(self, vectors: dict[bytes, Vector]) -> None:
        with self._lock:
            self._vectors.update(vectors)
            while len(self._vectors) > self._size:
                self._vectors.popitem(last=False)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _usable_cores() -> int:
    """Cores this process may run on; a container's affinity can be narrower than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
