"""Log lines: JSON on standard error, without secrets and without what people wrote."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import logging, structlog
from adapters.logs import configure_logs
configure_logs(["hunter2-token"])
structlog.get_logger("bywalec.test").info("said_hello", zone="Łódź")
library = logging.getLogger("discord.http")
library.info("too quiet to be heard")
library.warning("POST https://discord.com/api/v10/webhooks/12/aW50ZXI/messages and bot77:abc/getMe hunter2-token")
try:
    raise ValueError("ania said: my card is 123")
except ValueError:
    library.exception("it failed")
"""


AWKWARD = r"""
import io, logging, structlog
from adapters.logs import configure_logs

class Terminal(io.StringIO):
    def isatty(self):
        return True

secret = 'xyzzy"plugh\\plover\'frotz'
for stream in (io.StringIO(), Terminal()):
    configure_logs([secret], stream=stream)
    log = logging.getLogger("library")
    log.warning("no connection: %s, %r, %s", secret, secret, [secret])
    structlog.get_logger("bywalec.test").info("connected", url=f"postgresql://club:{secret}@host/db", tried=[secret])
    structlog.get_logger("bywalec.test").info("failed", error=ValueError(secret))
    print(stream.getvalue())
"""


def test_a_secret_that_is_escaped_in_a_line_is_hidden_too() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", AWKWARD], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.count("(hidden)") == 12
    assert not [piece for piece in ("xyzzy", "plugh", "plover", "frotz") if piece in done.stdout]


def test_lines_are_json_without_secrets_and_quotes() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=root, capture_output=True, text=True, check=True)
    hello, warning, failed = (json.loads(line) for line in done.stderr.splitlines())
    assert hello["event"] == "said_hello"
    assert (hello["level"], hello["logger"], hello["zone"]) == ("info", "bywalec.test", "Łódź")
    assert hello["at"].endswith("Z")
    assert (
        warning["event"]
        == "POST https://discord.com/api/v10/webhooks/12/(hidden)/messages and bot77:abc/getMe (hidden)"
    )
    assert failed["error"] == "ValueError"
    assert "my card" not in done.stderr
    assert done.stdout == ""
