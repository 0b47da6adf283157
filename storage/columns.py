"""Column types that more than one table uses."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Dialect


def enum_column(enum: type[StrEnum]) -> Callable[..., Any]:
    """A column type that stores the enum's value as text (not its name), so that rows read well in any database
    tool.
    """

    def build() -> sa.Enum:
        return sa.Enum(
            enum, values_callable=lambda e: [m.value for m in e], native_enum=False, length=32, create_constraint=False
        )

    return build


class Float16Vector(sa.types.TypeDecorator[NDArray[np.float32]]):
    """A unit vector kept as little-endian float16 bytes: half the size, cosine error below 0.0005.

    Values go in and come out as float32 arrays of shape (dim,).
    """

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: NDArray[np.float32] | None, dialect: Dialect) -> bytes | None:
        return None if value is None else np.asarray(value, dtype="<f2").tobytes()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> NDArray[np.float32] | None:
        return None if value is None else np.frombuffer(value, dtype="<f2").astype(np.float32)
