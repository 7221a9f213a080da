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
