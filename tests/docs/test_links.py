"""The pages point to what exists: files, headings, programs' commands, make targets, settings, chat commands."""

import re
from pathlib import Path

import pytest
import typer

from bot.config import keys as config_keys
from handlers.forms import Forms
from handlers.spaces.setup import SETUP
from handlers.table import build_registry
from run_bot import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`[^`]*`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z]+:")
# Chat commands of BotFather, and the example of CONTRIBUTING.
_NOT_OURS = {"newbot", "mybots", "setprivacy", "since"}
# Pages of the web server, and a folder.
_PATHS = {"healthz", "readyz", "metrics", "data"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def _prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page; a heading said twice gets a number."""
    anchors: set[str] = set()
    for heading in _HEADING.findall(_prose(page)):
        slug = base = re.sub(r"[^\w\- ]", "", _LINK.sub("", heading).lower()).replace(" ", "-")
        number = 0
        while slug in anchors:
            number += 1
            slug = f"{base}-{number}"
        anchors.add(slug)
    return anchors


def _is_broken(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return not target.exists() or bool(anchor and anchor not in _anchors(target))


@every_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(_CODE.sub("", _prose(page))) if not _ELSEWHERE.match(link)]
    assert [link for link in links if _is_broken(page, link)] == []


@every_page
def test_every_command_of_the_program_exists(page: Path) -> None:
    known = getattr(typer.main.get_command(cli), "commands", {})
    named = re.findall(r"run_bot\.py +([a-z][a-z-]*)", page.read_text(encoding="utf-8"))
    assert [name for name in named if name not in known] == []


@every_page
def test_every_make_target_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:`|^\$ )make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in named if name not in targets] == []


@every_page
def test_every_setting_exists(page: Path) -> None:
    keys = {key.full_name for key in config_keys.all_keys()}
    sections = {key.split(".")[0] for key in keys}
    named = re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", _prose(page))
    assert [name for name in named if name.split(".")[0] in sections and name not in keys] == []


@every_page
def test_every_chat_command_exists(page: Path) -> None:
    known = {spec.name for spec in build_registry(Forms((SETUP,))).specs} | _NOT_OURS | _PATHS
    named = re.findall(r"`/([a-z_]+)[` ]", _prose(page))
    assert [name for name in named if name not in known] == []
