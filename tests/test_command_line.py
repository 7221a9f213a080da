"""The command line as an owner uses it: a process of its own, against platforms on loopback."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import stat
from pathlib import Path

import pytest

from bot.config.file import load_config
from storage.engine.outside import locked
from storage.verify import verify
from tests.cli.commands import RUN_BOT, Done, command, logged, running, typed
from tests.databases import Address, change, url_of
from tests.platforms.discord.server import DiscordServer
from tests.platforms.telegram import TelegramServer

pytestmark = pytest.mark.slow

STOP_S = 5.0
TOKEN = "123456:" + "TEST-token" * 4


def answers(telegram: str = "", discord: str = "", owner: str = "7", place: str = "") -> str:
    """Return the answers to the questions of `init`, line by line."""
    return "\n".join(["Café „Pod Lipą”", "pl", "pln", "Europe/Warsaw", telegram, discord, owner, place, ""])


def at(server: TelegramServer) -> dict[str, str]:
    """Return the environment that leads the bot to a server on loopback."""
    return {"BYWALEC_TELEGRAM__API_BASE_URL": server.base_url}


@pytest.fixture
def named(blank: Address) -> dict[str, str]:
    """The environment that names an empty database."""
    return {"BYWALEC_DATABASE__URL": url_of(blank)}


async def test_version(tmp_path: Path) -> None:
    done = await command(tmp_path, "--version")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Bywalec 0.")


@pytest.mark.parametrize("name", ["run", "check", "verify", "migrate"])
def test_without_a_config_one_is_told_to_make_one(tmp_path: Path, name: str) -> None:
    done = typed(tmp_path, name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("there is no config.toml; ")
    assert done.err.endswith(f"python {RUN_BOT} init makes one\n")


def test_every_problem_of_the_config_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[web]\nport = 'x'\n[bonus]\nmax_points = 0\n")
    told = 'web.port = "x": should be a whole number from 0 to 65535\n'
    told += "bonus.max_points = 0: should be a whole number from 1 to 1000000000\n"
    assert typed(tmp_path, "run") == Done(2, "", told)


async def test_init_writes_a_config_that_check_and_run_accept(tmp_path: Path, named: dict[str, str]) -> None:
    async with TelegramServer(flood_limits=None, token=TOKEN) as server:
        made = await command(tmp_path, "init", said=answers(server.token))
        path = tmp_path / "config.toml"
        assert (made.code, made.err) == (0, "")
        assert server.token not in made.out
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        programme = load_config(path, {}).programme
        assert (programme.name, programme.owner_ids) == ("Café „Pod Lipą”", ("telegram:7",))

        checked = await command(tmp_path, "check", **at(server), **named)
        assert checked.code == 0, checked
        assert "the bot is @bywalec_bot" in checked.out
        assert "problem" not in checked.out

        async with running(tmp_path, **at(server), **named) as bot:
            lines = await logged(bot, "connected")
            assert lines[0]["sqlite"] == sqlite3.sqlite_version
            assert (lines[-1]["platform"], lines[-1]["bot"]) == ("telegram", "@bywalec_bot")
            bot.send_signal(signal.SIGTERM)
            async with asyncio.timeout(STOP_S):
                assert await bot.wait() == 0


def test_init_leaves_a_config_alone_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[web]\nport = 1\n")
    done = typed(tmp_path, "init", said=answers())
    assert done == Done(1, "", "config.toml is there already; --force replaces it\n")
    assert typed(tmp_path, "init", "--force", said=answers()).code == 0
    assert load_config(tmp_path / "config.toml", {}).web.port == 8080


def test_init_turns_on_what_fits_the_place(tmp_path: Path) -> None:
    done = typed(tmp_path, "init", said=answers(place="Cafe"))
    assert done.code == 0
    assert "Turned on for a café: small purchases count" in done.out
    settings = load_config(tmp_path / "config.toml", {})
    assert (settings.programme.currency, settings.earning.purchase.points) == ("PLN", 2)
    assert [challenge.counts for challenge in settings.challenge] == ["purchases"]


def test_init_tells_a_wrong_answer_and_writes_nothing(tmp_path: Path) -> None:
    done = typed(tmp_path, "init", said="Café\nde\n")
    assert (done.code, done.err) == (2, 'programme.default_language = "de": should be "en" or "pl"\n')
    done = typed(tmp_path, "init", said="Café\n")
    assert (done.code, done.err) == (1, "the answers ended too soon; nothing was written\n")
    done = typed(tmp_path, "init", said=answers(place="pub"))
    assert (done.code, done.err) == (2, "kind of place 'pub': it should be café, shop, salon, club or none\n")
    done = typed(tmp_path, "init", said=answers("123:abc"))
    assert done.code == 2
    assert done.err.startswith("telegram.token: That is no token of Telegram")
    assert os.listdir(tmp_path) == []


async def test_check_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[telegram]\ntoken = '1:wrong'\n[discord]\ntoken = 'a.b.c'\napi_base_url = 'http://127.0.0.1:9'\n")
    path.chmod(0o644)
    async with TelegramServer() as server:
        done = await command(tmp_path, "check", **at(server))
    assert done.code == 1
    assert "warning  config.toml holds secrets and others on this machine can read it: chmod 600" in done.out
    assert "warning  Nobody owns the programme." in done.out
    assert "problem  Telegram refuses the token." in done.out
    assert "problem  This computer could not reach Discord (api_base_url http://127.0.0.1:9)" in done.out
    assert "1:wrong" not in done.out + done.err
    assert done.err == ""


def test_check_names_pictures_that_cannot_be_shown(tmp_path: Path) -> None:
    reward = "[[reward]]\nid = '{0}'\ncost = 5\nname = {{ en = 'x', pl = 'x' }}\npicture = '{0}.png'\n"
    (tmp_path / "config.toml").write_text("".join(map(reward.format, ("mug", "bag", "tree"))))
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "bag.png").write_text("no picture")
    (tmp_path / "pictures" / "tree.png").write_bytes(b"\x89PNG\r\n\x1a\n and so on")
    done = typed(tmp_path, "check")
    assert "warning  The picture mug.png of the reward mug is not in pictures, or cannot be read. Put" in done.out
    assert "warning  The picture bag.png of the reward bag in pictures is no PNG or JPEG of at most 2 MB." in done.out
    assert "tree" not in done.out


def test_check_names_challenges_that_are_odd(tmp_path: Path) -> None:
    about = "goal = 3\npoints = 5\nrepeat = 'weekly'\ntitle = { en = 'x', pl = 'x' }\n"
    race = f"[[challenge]]\nid = 'race'\ncounts = 'purchases'\nreward = 'first'\n{about}"
    friends = f"[[challenge]]\nid = 'friends'\ncounts = 'friends_brought'\n{about}[earning.referral]\nenabled = false\n"
    (tmp_path / "config.toml").write_text(race + friends)
    done = typed(tmp_path, "check")
    assert (
        "warning  The challenge race pays the quickest: members in other time zones or asleep have no chance."
        in done.out
    )
    assert "warning  The challenge friends counts friends_brought, which are switched off" in done.out


def test_check_names_voice_channels_that_nobody_shows(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[earning.voice]\nstatus = 5\n")
    assert "which only Discord shows, and discord.token is missing, so nobody gets any." in typed(tmp_path, "check").out
    (tmp_path / "config.toml").write_text("[earning.voice]\nstatus = 0\n")
    assert "voice" not in typed(tmp_path, "check").out


def test_check_names_what_was_given_up(tmp_path: Path, blank: Address, named: dict[str, str]) -> None:
    (tmp_path / "config.toml").touch()
    assert typed(tmp_path, "migrate", **named).code == 0
    change(
        blank,
        "INSERT INTO dead_letter (event_key, kind, reason, arguments, error_id, parked_at)"
        " VALUES ('key', 'Command', 'RuntimeError', '{}', '0badcafe', 0)",
        "INSERT INTO outbox (post_key, platform, reply, sending, state, created_at, next_attempt_at)"
        " VALUES ('key', 'telegram', '', 'at_most_once', 'unknown', 0, 0)",
    )
    done = typed(tmp_path, "check", **named)
    assert "warning  Given up after errors: 1. Look for these ids in the log: 0badcafe." in done.out
    assert [line for line in done.out.splitlines() if line.startswith("off")] == [
        "off      Telegram: there is no token.",
        "off      Discord: there is no token.",
        "off      Clock: nobody is asked for the time.",
    ]
    assert done.out.count("warning  Posts that may or may not have arrived: 1. See ") == 1


async def test_check_looks_into_the_groups_of_rewards(tmp_path: Path, named: dict[str, str]) -> None:
    opens = "telegram_group = '-1009'\ntelegram_invite = 'https://t.me/+abc'"
    reward = f"[[reward]]\nid = 'room'\nkind = 'group'\ncost = 5\nname = {{ en = 'x', pl = 'x' }}\n{opens}\n"
    (tmp_path / "config.toml").write_text(reward)
    async with TelegramServer(flood_limits=None) as server:
        environment = {**named, **at(server), "BYWALEC_TELEGRAM__TOKEN": server.token}
        async with running(tmp_path, **environment) as bot:
            await logged(bot, "connected")
            bot.send_signal(signal.SIGTERM)
            async with asyncio.timeout(STOP_S):
                assert await bot.wait() == 0
        done = await command(tmp_path, "check", **environment)
    assert "problem  Telegram: the group of the reward room (-1009) cannot be reached" in done.out
    assert done.code == 1


def test_run_needs_a_platform(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    done = typed(tmp_path, "run")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("no platform is on: ")
    assert typed(tmp_path, "check").code == 1


async def test_a_wrong_token_of_one_platform_leaves_the_other_alone(tmp_path: Path, named: dict[str, str]) -> None:
    (tmp_path / "config.toml").touch()
    async with TelegramServer(flood_limits=None) as telegram, DiscordServer() as discord:
        environment = {
            **named,
            **at(telegram),
            "BYWALEC_TELEGRAM__TOKEN": telegram.token,
            "BYWALEC_DISCORD__TOKEN": "not-the-token",
            "BYWALEC_DISCORD__API_BASE_URL": discord.api_base_url,
        }
        async with running(tmp_path, **environment) as bot:
            lines = await logged(bot, "connected", "platform_stopped")
            assert "not-the-token" not in json.dumps(lines)
            telegram.private_message(telegram.user(11, "Ania"), "/rules")
            await telegram.wait_for_message(11)
            bot.send_signal(signal.SIGINT)
            async with asyncio.timeout(STOP_S):
                assert await bot.wait() == 0


async def test_a_platform_that_is_away_is_told_in_words(tmp_path: Path, named: dict[str, str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[telegram]\ntoken = '1:a'\n[discord]\ntoken = 'a.b.c'\napi_base_url = 'http://127.0.0.1:9'\n")
    async with running(tmp_path, BYWALEC_TELEGRAM__API_BASE_URL="http://127.0.0.1:9", **named) as bot:
        hints = {line["event"]: line.get("hint") for line in await logged(bot, "telegram_away", "discord_away")}
    assert hints["telegram_away"] == "Telegram cannot be reached; the bot keeps trying"
    assert hints["discord_away"] == "Discord cannot be reached; the bot keeps trying"


async def test_the_bot_makes_the_backup_that_a_night_asked_for(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[backup]\nfolder = 'copies'\n")
    assert typed(tmp_path, "migrate").code == 0
    change(tmp_path / "bywalec.db", "INSERT INTO setting VALUES ('backup:asked', '2026-03-16')")
    async with (
        TelegramServer(flood_limits=None, token=TOKEN) as server,
        running(tmp_path, **at(server), BYWALEC_TELEGRAM__TOKEN=server.token) as bot,
    ):
        lines = await logged(bot, "connected", "backup_made")
        bot.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_S):
            assert await bot.wait() == 0
    made = next(line for line in lines if line["event"] == "backup_made")
    assert made["file"] == "bywalec-nightly-2026-03-16.db"
    assert verify(tmp_path / "copies" / "bywalec-nightly-2026-03-16.db").is_clean


async def test_updates_come_by_webhook(tmp_path: Path, named: dict[str, str]) -> None:
    (tmp_path / "config.toml").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with TelegramServer(flood_limits=None) as server:
            environment = {
                **named,
                **at(server),
                "BYWALEC_TELEGRAM__TOKEN": server.token,
                "BYWALEC_TELEGRAM__MODE": "webhook",
                "BYWALEC_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram",
                "BYWALEC_TELEGRAM__WEBHOOK_SECRET": "0123456789abcdef",
                "BYWALEC_WEB__PORT": str(port),
            }
            refused = await command(tmp_path, "run", **environment)
            taken.close()
            assert refused.code == 1
            assert refused.err.endswith(f"cannot listen on 127.0.0.1:{port}; see web.host and web.port\n")
            async with running(tmp_path, **environment) as bot:
                await logged(bot, "connected")
                server.private_message(server.user(11, "Ania"), "/rules")
                await server.wait_for_message(11)
                bot.send_signal(signal.SIGTERM)
                async with asyncio.timeout(STOP_S):
                    assert await bot.wait() == 0


async def test_without_any_platform_left_the_bot_ends(tmp_path: Path, named: dict[str, str]) -> None:
    (tmp_path / "config.toml").write_text("[telegram]\ntoken = '1:wrong'\n")
    async with TelegramServer() as server:
        done = await command(tmp_path, "run", **at(server), **named)
    assert done.code == 1
    assert "@BotFather, send /mybots" in done.err
    assert "1:wrong" not in done.err


def test_a_database_file_is_written_by_one_process(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[telegram]\ntoken = '1:a'\n")
    with locked(tmp_path / "bywalec.db"):
        for name in ("run", "migrate"):
            done = typed(tmp_path, name)
            assert done == Done(1, "", "the database bywalec.db is in use by a bot that runs; stop it first\n")
    assert typed(tmp_path, "migrate").code == 0


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path, blank: Address, named: dict[str, str]) -> None:
    (tmp_path / "config.toml").touch()
    assert typed(tmp_path, "migrate", **named).code == 0
    change(blank, "UPDATE alembic_version SET version_num = '9999'")
    done = typed(tmp_path, "migrate", **named)
    assert (done.code, done.out) == (1, "")
    assert "the database has schema 9999" in done.err


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    (tmp_path / "bywalec.db").write_bytes(b"not a database at all" * 100)
    for name in ("migrate", "verify"):
        done = typed(tmp_path, name)
        assert done == Done(1, "", "cannot use the database bywalec.db: file is not a database\n")


def test_verify_ends_with_one_on_a_difference(tmp_path: Path, blank: Address, named: dict[str, str]) -> None:
    (tmp_path / "config.toml").touch()
    assert typed(tmp_path, "verify", **named).code == 1
    assert typed(tmp_path, "migrate", **named).code == 0
    assert typed(tmp_path, "verify", **named) == Done(0, "0 entries of 0 members: clean\n", "")
    change(blank, "INSERT INTO standing_bucket (space_id, period, level, bucket, members) VALUES (0, 'all', 0, 1, 3)")
    done = typed(tmp_path, "verify", "--json", **named)
    report = json.loads(done.out)
    assert (done.code, report["clean"], set(report["found"])) == (1, False, {"buckets"})


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[database]\nurl = 'sqlite:///away/bywalec.db'\n")
    done = typed(tmp_path, "migrate")
    assert done == Done(1, "", "cannot use the database away/bywalec.db: No such file or directory\n")


def test_a_relative_database_lies_beside_its_config(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "config.toml").touch()
    assert typed(tmp_path, "migrate", "--config", "place/config.toml").code == 0
    assert (tmp_path / "place" / "bywalec.db").exists()


def test_the_demo_refuses_a_language_it_does_not_speak(tmp_path: Path) -> None:
    done = typed(tmp_path, "demo", "--language", "de")
    assert done == Done(2, "", "--language: 'de' is not spoken here; choose en or pl\n")


async def test_a_demo_that_was_kept_goes_on_where_it_came_to(tmp_path: Path) -> None:
    begin = ("demo", "--database", "demo.db")
    first = await command(tmp_path, *begin, said="!skip 2w\nania#klub: See you\nania: /language pl\n!quit\n")
    assert "It is Monday 2026-03-16 08:00." in first.out
    assert "-- Monday 2026-03-30 08:00" in first.out
    again = await command(tmp_path, *begin, said="ania: /balance\n!quit\n")
    assert "It is Monday 2026-03-30 08:00." in again.out
    assert "Punkty:" in again.out
    chosen = await command(tmp_path, *begin, "--start", "2026-05-04 10:00", said="!quit\n")
    assert "It is Monday 2026-05-04 10:00." in chosen.out


async def test_the_demo_talks_through_a_pipe(tmp_path: Path) -> None:
    done = await command(tmp_path, "demo", "--database", "demo.db", said="ania: /card\n!quit\n")
    assert (done.code, done.err) == (0, "")
    assert "bot -> ania: " in done.out
    (tmp_path / "config.toml").write_text("[database]\nurl = 'sqlite:///demo.db'\n")
    verified = await command(tmp_path, "verify")
    assert (verified.code, verified.err) == (0, "")
