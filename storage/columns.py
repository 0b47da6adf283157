"""Column types that more than one table uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def enum_column(enum: type[StrEnum]) -> Callable[..., Any]:
    """A column type that stores the enum's value as text (not its name), so that rows read well in any database
    tool.
    """

    def build() -> sa.Enum:
        return sa.Enum(
            enum, values_callable=lambda e: [m.value for m in e], native_enum=False, length=32, create_constraint=False
        )

    return build


class vector_bytes(FunctionElement[bytes]):  # noqa: N801 - a function of SQL, as sa.func.lower
    """A stored vector as the bytes that `unpacked` reads, without an object per number: 20 times faster than text."""

    type = sa.LargeBinary()
    inherit_cache = True


@compiles(vector_bytes)
def _stored_bytes(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(vector_bytes, "postgresql")
def _sent_bytes(element: Any, compiler: Any, **options: Any) -> str:
    return f"halfvec_send({compiler.process(element.clauses, **options)})"


_HEADER = 4  # what halfvec_send says first: two bytes of dimensions, two that are unused


def unpacked(rows: Sequence[bytes], dim: int, dialect: str) -> NDArray[np.float32]:
    """The vectors of shape (n, dim) that `vector_bytes` answered."""
    if dialect != "postgresql":
        return np.frombuffer(b"".join(rows), dtype="<f2").astype(np.float32).reshape(len(rows), dim)
    whole = np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), _HEADER + 2 * dim)
    return np.ascontiguousarray(whole[:, _HEADER:]).view(">f2").astype(np.float32)


class Float16Vector(sa.types.TypeDecorator[NDArray[np.float32]]):
    """A unit vector kept as float16: half the size, cosine error below 0.0005. Little-endian bytes on SQLite, a
    `halfvec` of pgvector on PostgreSQL.

    Values go in and come out as float32 arrays of shape (dim,).
    """

    impl = sa.LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(sa.LargeBinary())
        from pgvector.sqlalchemy import HALFVEC  # of the extra that PostgreSQL needs

        return dialect.type_descriptor(HALFVEC())

    def process_bind_param(self, value: NDArray[np.float32] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return np.asarray(value, dtype="<f2").tobytes()

    def column_expression(self, column: Any) -> Any:
        return sa.type_coerce(vector_bytes(column), _Unpacked)


class _Unpacked(sa.types.TypeDecorator[NDArray[np.float32]]):
    """What `vector_bytes` answers, as an array."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> NDArray[np.float32] | None:
        if value is None:
            return None
        numbers = len(value) - (_HEADER if dialect.name == "postgresql" else 0)
        return unpacked([value], numbers // 2, dialect.name)[0]
