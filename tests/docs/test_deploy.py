"""What is handed to operators works as it stands: the image's files, the compose file, the systemd unit."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config.config import Config
from bot.config.file import config_from

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
ENVIRONMENT = {
    "POSTGRES_PASSWORD": "secret",
    "BYWALEC_HOST": "bot.example.org",
    "BYWALEC_TELEGRAM_TOKEN": "123456:ABC-DEF",
    "BYWALEC_WEBHOOK_SECRET": "0123456789abcdef",
    "BYWALEC_DISCORD_TOKEN": "MTIz.abc.def",
}


def compose() -> dict[str, Any]:
    """Return the compose file with its variables filled in."""

    def value(found: re.Match[str]) -> str:
        return ENVIRONMENT.get(found[1], "") if found[2] == ":-" else ENVIRONMENT[found[1]]

    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    parsed: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{(\w+)(:[-?])\}", value, text))
    return parsed


def bots() -> dict[str, Config]:
    """Return the settings of each process of the bot in the compose file."""
    services = compose()["services"]
    return {
        name: config_from({}, service["environment"])
        for name, service in services.items()
        if service.get("image") == "bywalec"
    }


def test_each_process_of_the_compose_file_serves_one_platform_on_one_database() -> None:
    found = bots()
    assert set(found) == {"telegram-1", "telegram-2", "discord-1", "discord-2"}
    for name, config in found.items():
        assert config.database.url == "postgresql://bywalec:secret@database/bywalec"
        assert (config.telegram.token is not None) is name.startswith("telegram")
        assert (config.discord.token is not None) is name.startswith("discord")


def test_its_processes_share_what_a_platform_allows() -> None:
    found = bots().values()
    on_telegram = [config for config in found if config.telegram.token is not None]
    assert {config.telegram.mode for config in on_telegram} == {"webhook"}
    assert {config.processes.count for config in on_telegram} == {len(on_telegram)}
    on_discord = [config.discord for config in found if config.discord.token is not None]
    shards = sorted(shard for settings in on_discord for shard in settings.shard_ids)
    assert shards == list(range(on_discord[0].shard_count or 0))
    assert len({settings.shard_count for settings in on_discord}) == 1


def test_only_the_calls_of_telegram_and_of_shops_are_let_in() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["balancer"]
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert re.findall(r"^\t(@\S+ .*)$", caddy, re.MULTILINE) == ["@calls path /telegram /hooks/*"]
    assert re.findall(r"handle(.*?)\{\s*(\w+)", caddy) == [(" @calls ", "reverse_proxy"), (" ", "respond")]
    upstreams = re.search(r"reverse_proxy (.*) \{", caddy)
    assert upstreams is not None
    assert set(upstreams[1].split()) == {f"{name}:8080" for name in services if name.startswith("telegram")}
    assert {config.telegram.webhook_url for config in bots().values()} == {"https://bot.example.org/telegram", None}


def test_no_file_names_a_registry() -> None:
    images = [service["image"] for service in compose()["services"].values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert all(re.fullmatch(r"[a-z]+(:[0-9.]+(-slim)?)?", image) for image in images), images


def test_the_image_runs_as_nobody_special_and_is_looked_after() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER bywalec"]
    assert any("--require-hashes" in line for line in lines)
    asked = next(json.loads(line.strip().removeprefix("CMD ")) for line in lines if line.startswith("    CMD"))
    assert asked[1:] == ["-m", "cli.healthy", "/data/config.toml"]
    assert json.loads(lines[-1].removeprefix("CMD "))[-1] == asked[-1]
    assert any(line.startswith("ENV") and "PYTHONPATH=/opt/bywalec" in line for line in lines)


@pytest.mark.slow
def test_the_image_holds_all_files_that_the_bot_needs(tmp_path: Path) -> None:
    program, allowed = tmp_path / "opt", (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for copied in re.findall(r"^COPY (?!--from)(.+) /opt/bywalec\S*$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        for name in copied.split():
            assert f"!{name}" in allowed
            _copy(ROOT / name, program / name)
    (tmp_path / "config.toml").write_text("[programme]\n")
    run_bot = [sys.executable, str(program / "run_bot.py")]
    said = subprocess.run(
        [*run_bot, "demo"], input="ania: /balance\n!quit\n", capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert "bot -> ania:" in said.stdout
    migrated = subprocess.run([*run_bot, "migrate"], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert "bywalec.db" in migrated.stdout


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_the_unit_is_understood_by_systemd(tmp_path: Path) -> None:
    unit = (DEPLOY / "bywalec.service").read_text(encoding="utf-8")
    (tmp_path / "bywalec.service").write_text(unit.replace("/opt/bywalec/.venv/bin/python", sys.executable))
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "bywalec.service")], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_unit_waits_until_the_clock_is_right() -> None:
    unit = (DEPLOY / "bywalec.service").read_text(encoding="utf-8")
    [after] = [line for line in unit.splitlines() if line.startswith("After=")]
    assert "time-sync.target" in after.removeprefix("After=").split()
