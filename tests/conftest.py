"""Fixtures that more than one test file uses, and what every test process is told first."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

pytest_plugins = ["databases"]

# Where Python may not write compiled modules beside their sources, each process of a run would compile thousands of them.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parent.parent / ".pytest_cache" / "bytecode")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long an example takes says how busy the machine is; what may take how long is asserted where it matters.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the collector of garbage need not go through it every time."""
    gc.collect()
    gc.freeze()
