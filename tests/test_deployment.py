"""The image and the compose file, as far as they can be checked without an engine: what they name is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from bot import alive
from bot.settings import Settings
from bot.verbs.parts import Where
from bot.verbs.table import BY_NAME

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE = yaml.safe_load((ROOT / "compose.yml").read_text())
NOT_OURS = re.compile(r"PATH|PYTHON\w+|UV_\w+|POSTGRES_\w+")


def steps(name: str) -> list[str]:
    return [line.split(None, 1)[1] for line in DOCKERFILE.splitlines() if line.startswith(f"{name} ")]


def test_everything_that_is_copied_is_there_and_reaches_the_engine() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [word for step in steps("COPY") if not step.startswith("--from") for word in step.split()[:-1]]
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in let_in, f".dockerignore keeps {source} out"
    assert set(copied) == let_in
    packages = re.search(r"packages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text())
    assert packages is not None
    assert {word.strip(' "') for word in packages[1].split(",")} <= set(copied)


def test_the_lock_file_fits_the_image() -> None:
    asked = " ".join(steps("RUN"))
    extras = set(re.findall(r"--extra (\w+)", asked))
    assert extras <= {"postgres", "mcp"}
    assert "--locked" in asked
    (uv,) = [step for step in steps("COPY") if "astral-sh/uv" in step]
    assert re.search(r"uv:\d+\.\d+\.\d+ ", uv), "a version, so that the image is the same tomorrow"


def test_it_does_not_run_as_root_and_says_how_it_is() -> None:
    last = DOCKERFILE.rsplit("FROM ", 1)[1]
    assert re.search(r"^USER (?!0|root)\d+", last, re.MULTILINE)
    (check,) = steps("HEALTHCHECK")
    assert "-m" in check
    assert "bot.alive" in check


def test_commands_are_commands_and_settings_are_settings() -> None:
    (entry,) = steps("ENTRYPOINT")
    assert entry == '["ticket-intel"]'
    commands = [steps("CMD")[-1], *(str(one["command"]) for one in COMPOSE["services"].values() if "command" in one)]
    for command in commands:
        verb = re.findall(r"[\w-]+", command)[0]
        assert BY_NAME[verb].where is Where.CLI
    named = {pair.split("=")[0] for step in steps("ENV") for pair in shlex.split(step)}
    named |= {name for one in COMPOSE["services"].values() for name in one.get("environment", {})}
    for name in named:
        assert name.lower() in Settings.model_fields or NOT_OURS.fullmatch(name), name


def test_every_service_of_ours_keeps_its_place() -> None:
    services = COMPOSE["services"]
    assert services["workers"]["deploy"]["replicas"] == 2
    for name in ("bot", "workers", "migrate"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    used = {volume.split(":")[0] for one in services.values() for volume in one.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])
    for one in services.values():
        assert set(one.get("depends_on", {})) <= set(services)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)])
def test_the_health_check(
    status: int | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status or 500)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ready)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("WEB", "true")
    monkeypatch.setenv("WEB_PORT", str(server.server_port))
    try:
        if status is None:
            server.shutdown()
            server.server_close()
        assert alive.main() == code
        assert bool(capsys.readouterr().err) == bool(code)
    finally:
        if status is not None:
            server.shutdown()
            server.server_close()
        thread.join(5)
    monkeypatch.setenv("WEB", "false")
    assert alive.main() == 0


def test_the_makefile_names_what_is_there() -> None:
    listed = subprocess.run(["make", "-qp"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for target in ("check", "test", "soak", "audit"):
        assert f"\n{target}:" in listed
