"""The commands `rewards`: codes of other systems, such as a web shop's, for rewards that give them out."""

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer

from adapters.logs import configure_logs
from bot.rewards.rewards import RewardKind
from cli.clock import clock_for
from cli.opening import DEFAULT_CONFIG, ConfigFile, alone, database_of, load, opening, require_this_version, secrets
from cli.screen import Refusal, counted, say
from storage.transaction import Transaction

group = typer.Typer(no_args_is_help=True, help="Import codes that rewards give out.")
_LONGEST = 200
_SEPARATORS = ",;"


@group.callback()
def rewards() -> None:
    """Import codes that rewards give out."""


@group.command()
def import_codes(
    reward: Annotated[str, typer.Argument(metavar="REWARD", help="The short name of a reward whose kind is pool.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A text file with one code in each line.")],
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Add codes to a reward. A code it has already is passed over, so the same file again changes nothing."""
    codes = _codes_in(file)
    settings = load(config)
    place = database_of(settings, config)

    def add(tx: Transaction) -> tuple[int, int | None]:
        found = tx.rewards.by_key(reward)
        if found is None or found.terms.kind is not RewardKind.POOL:
            known = ", ".join(one.key for one in tx.rewards.all() if one.terms.kind is RewardKind.POOL)
            raise Refusal(f"there is no reward {reward} that gives out codes; there is: {known or 'none'}")
        new = tx.pool_codes.add(found.id, codes)
        tx.rewards.add_stock(found.id, new)
        return new, (found.stock or 0) + new

    now = clock_for(settings)

    async def write() -> tuple[int, int | None]:
        configure_logs(secrets(settings), logging.ERROR)
        database = await place.open(now, settings.programme)
        try:
            return await database.write(add)
        finally:
            await database.close()

    with alone(place), opening(place):
        require_this_version(place, config)
        new, left = asyncio.run(write())
    say(f"{counted(new, 'new code')} of {len(codes)}; {left} left to give out.")


def _codes_in(file: Path) -> list[str]:
    """Return the codes of a file, each once. Raises Refusal where it cannot be read or a line is no code."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"cannot read {file}: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}") from None
    codes = []
    for number, line in enumerate(lines, start=1):
        code = line.strip()
        if len(code) > _LONGEST or not code.isprintable():
            raise Refusal(f"{file}, line {number}: a code has at most {_LONGEST} printable characters")
        if any(separator in code for separator in _SEPARATORS):
            raise Refusal(f"{file}, line {number}: a line is one code and nothing else; this looks like a table")
        if code:
            codes.append(code)
    return list(dict.fromkeys(codes))
