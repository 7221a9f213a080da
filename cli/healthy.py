"""Whether the bot of a config lives, as the container asks again and again: a module of its own that loads little."""

import os
import sys
from pathlib import Path
from urllib.request import urlopen

from bot.config.config import WebSettings
from bot.config.file import ConfigProblems, load_config

_TIMEOUT_S = 4
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def is_alive(web: WebSettings) -> bool:
    """Return whether the page says so; True where there is none to ask. Raises OSError where nobody answers."""
    if not web.enabled:
        return True
    host = _ANY.get(web.host, web.host)
    named = f"[{host}]" if ":" in host else host
    with urlopen(f"http://{named}:{web.port}/healthz", timeout=_TIMEOUT_S) as answer:
        return bool(answer.status == 200)


def main() -> None:
    """Exit with 0 if the bot of the config that is named lives, and with 1 if not."""
    try:
        is_well = is_alive(load_config(Path(sys.argv[1]), os.environ).web)
    except (ConfigProblems, OSError) as error:
        sys.exit(str(error))
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
