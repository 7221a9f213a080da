"""What the container asks to see whether the bot lives."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.cli.commands import RUN_BOT


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a bot that lives."""
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server.server_port
        server.shutdown()
        serving.join()


def asked(folder: Path, settings: str, **environment: str) -> int:
    """Return how the question ends for a config."""
    (folder / "config.toml").write_text(settings)
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(RUN_BOT.parent)}
    command = [sys.executable, "-m", "cli.healthy", str(folder / "config.toml")]
    return subprocess.run(command, cwd=folder, env=known | environment, capture_output=True, check=False).returncode


def test_the_bot_is_asked_where_its_config_says(tmp_path: Path, port: int) -> None:
    assert asked(tmp_path, f"[web]\nport = {port}") == 0
    assert asked(tmp_path, f"[web]\nport = {port}\nhost = '0.0.0.0'") == 0
    assert asked(tmp_path, "", BYWALEC_WEB__PORT=str(port)) == 0


def test_a_bot_without_pages_is_not_asked(tmp_path: Path) -> None:
    assert asked(tmp_path, "[web]\nenabled = false") == 0


def test_a_bot_that_does_not_answer_is_not_well(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert asked(tmp_path, f"[web]\nport = {taken.getsockname()[1]}") == 1
    assert asked(tmp_path, "[web]\nport = 'x'") == 1
