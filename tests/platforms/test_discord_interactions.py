"""The fake Discord's commands, buttons and modals against a real discord.py client over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.platforms.discord import DiscordServer
from tests.platforms.discord.model import Channel, Guild, User
from tests.platforms.discord.offered import NotOffered
from tests.platforms.discord.pointed import PointedClient
from tests.platforms.discord.running import everything, running


class PointsForm(discord.ui.Modal, title="Bonus"):
    points: discord.ui.TextInput["PointsForm"] = discord.ui.TextInput(label="Points", max_length=3)

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"{self.points.value} given")


class Buttons(discord.ui.View):
    @discord.ui.button(label="Yes", custom_id="yes")
    async def yes(self, interaction: discord.Interaction[Any], _button: discord.ui.Button["Buttons"]) -> None:
        await interaction.response.edit_message(content="done", view=None)

    @discord.ui.select(options=[discord.SelectOption(label="Mug", value="m")], custom_id="pick")
    async def pick(self, interaction: discord.Interaction[Any], menu: discord.ui.Select["Buttons"]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"chose {menu.values[0]}")

    @discord.ui.button(label="Form", custom_id="form")
    async def form(self, interaction: discord.Interaction[Any], _button: discord.ui.Button["Buttons"]) -> None:
        await interaction.response.send_modal(PointsForm())


class Bot(PointedClient):
    """Answers in every way an application can; `refused` collects the codes of what was refused."""

    def __init__(self, server: DiscordServer) -> None:
        super().__init__(server.api_base_url, intents=everything())
        self.refused: asyncio.Queue[int] = asyncio.Queue()
        self.admin_seen: bool | None = None
        for callback in (self.secret, self.slow, self.twice, self.late, self.ask):
            self.tree.add_command(app_commands.Command(name=callback.__name__, description="-", callback=callback))
        bonus: app_commands.Command[Any, ..., Any] = app_commands.Command(
            name="bonus", description="Give points", callback=self.bonus
        )
        bonus.autocomplete("reason")(self.reasons)
        self.tree.add_command(bonus)
        self.tree.add_command(app_commands.ContextMenu(name="Give bonus points", callback=self.on_person))

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def secret(self, interaction: discord.Interaction[Any]) -> None:
        self.admin_seen = interaction.permissions.administrator
        await interaction.response.send_message(f"psst {interaction.locale}", ephemeral=True)

    async def slow(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content="at last")
        await interaction.followup.send("and more", ephemeral=True)

    async def twice(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        await self.answer_raw(interaction)
        await interaction.followup.send("once")

    async def late(self, interaction: discord.Interaction[Any]) -> None:
        await asyncio.sleep(0.1)
        await self.answer_raw(interaction)

    async def answer_raw(self, interaction: discord.Interaction[Any]) -> None:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        try:
            body = {"type": 4, "data": {"content": "?"}}
            await self.http.request(discord.http.Route("POST", path), json=body)
        except discord.HTTPException as error:
            self.refused.put_nowait(error.code)

    async def ask(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("Sure?", view=Buttons(timeout=None))

    async def bonus(
        self, interaction: discord.Interaction[Any], to: discord.Member, points: int, reason: str = "-"
    ) -> None:
        await interaction.response.send_message(f"{to.mention} +{points} {reason}")

    async def reasons(self, _interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}{end}", value=f"{typed}{end}") for end in ("1", "2")]

    async def on_person(self, interaction: discord.Interaction[Any], member: discord.Member) -> None:
        await interaction.response.send_message(f"for {member.name}", ephemeral=True)


class Club:
    """A running bot in a server with Ania and Ola."""

    def __init__(self, server: DiscordServer, bot: Bot) -> None:
        self.server, self.bot = server, bot
        self.guild: Guild = next(iter(server.world.guilds.values()))
        self.general: Channel = self.guild.channel("general")
        self.ania, self.ola = (self.named(name) for name in ("ania", "ola"))

    def named(self, name: str) -> User:
        return next(user for user in self.server.world.users.values() if user.name == name)


@pytest.fixture
async def club() -> AsyncIterator[Club]:
    async with DiscordServer() as server:
        server.guild("Café", ["general"], [server.user("ania"), server.user("ola")])
        bot = Bot(server)
        async with running(server, bot):
            yield Club(server, bot)
        assert server.violations == []


async def test_a_command_is_answered_for_one_persons_eyes(club: Club) -> None:
    club.server.make_admin(club.guild, club.ania)
    answer = await club.server.slash(club.ania, club.general, "secret", locale="pl").response()
    assert (answer.text, answer.ephemeral, answer.deferred) == ("psst pl", True, False)
    assert club.server.messages(club.general) == []
    assert [one.content for one in club.server.messages(club.general, seen_by=club.ania)] == ["psst pl"]
    assert club.bot.admin_seen is True


async def test_a_deferred_answer_is_edited_and_followed(club: Club) -> None:
    handle = club.server.slash(club.ola, club.server.dm(club.ola), "slow")
    answer = await handle.response()
    assert (answer.message and answer.message.content, answer.deferred, answer.ephemeral) == ("at last", True, True)
    assert (await handle.followup()).content == "and more"


async def test_a_second_first_answer_is_refused(club: Club) -> None:
    answer = await club.server.slash(club.ania, club.general, "twice").response()
    assert (answer.text, club.bot.refused.get_nowait()) == ("once", 40060)


async def test_an_answer_after_the_deadline_is_refused(club: Club) -> None:
    club.server.settings.interaction_deadline_s = 0.01
    handle = club.server.slash(club.ania, club.general, "late")
    request = await club.server.wait_for_request("POST", "/callback")
    assert (request.status, handle.acknowledged) == (404, False)
    assert await asyncio.wait_for(club.bot.refused.get(), 5) == 10062


async def test_a_token_ends_after_its_quarter_of_an_hour(club: Club) -> None:
    handle = club.server.slash(club.ania, club.general, "secret")
    await handle.response()
    club.server.settings.interaction_life_s = 0.0
    path = f"/webhooks/{club.server.bot.id}/{handle.token}"
    with pytest.raises(discord.HTTPException) as caught:
        await club.bot.http.request(discord.http.Route("POST", path), json={"content": "too late"})
    assert caught.value.code == 50027


async def test_options_arrive_typed_and_resolved_and_ping_nobody_unasked(club: Club) -> None:
    given = {"to": club.ola, "points": 50, "reason": "cake"}
    answer = await club.server.slash(club.ania, club.general, "bonus", given).response()
    assert answer.text == f"{club.ola.mention} +50 cake"
    assert answer.message
    assert not answer.message.pings


@pytest.mark.parametrize("given", [{"points": 50}, {"to": "ola", "points": 50}, {"to": None, "points": "50"}])
async def test_what_the_app_would_not_send_is_not_offered(club: Club, given: dict[str, Any]) -> None:
    with pytest.raises(NotOffered):
        club.server.slash(club.ania, club.general, "bonus", given)
    with pytest.raises(NotOffered):
        club.server.slash(club.ania, club.general, "unknown")


async def test_choices_are_offered_while_typing(club: Club) -> None:
    choices = await club.server.autocomplete(club.ania, club.general, "bonus", {"reason": "tea"}, "reason")
    assert [choice["value"] for choice in choices] == ["tea1", "tea2"]


async def test_a_persons_context_menu_names_the_person(club: Club) -> None:
    answer = await club.server.context_menu(club.ania, club.general, "Give bonus points", club.ola).response()
    assert answer.text == "for ola"


async def test_a_choice_in_a_menu_can_be_deferred_and_edit_its_message(club: Club) -> None:
    asked = (await club.server.slash(club.ania, club.general, "ask").response()).message
    assert asked is not None
    chosen = await club.server.select(club.ania, asked, ["Mug"]).response()
    assert (chosen.updated, chosen.message, asked.content) == (True, asked, "chose m")
    with pytest.raises(NotOffered):
        club.server.select(club.ania, asked, ["Cup"])


async def test_buttons_change_their_message_and_open_forms(club: Club) -> None:
    asked = (await club.server.slash(club.ania, club.general, "ask").response()).message
    assert asked is not None
    assert asked.labels == ["Yes", "Form"]
    form = club.server.press(club.ola, asked, "Form")
    opened = await form.response()
    assert opened.modal
    assert opened.modal["title"] == "Bonus"
    with pytest.raises(NotOffered):
        club.server.submit_modal(form, {"Points": "1234"})
    assert (await club.server.submit_modal(form, {"Points": "50"}).response()).text == "50 given"
    pressed = await club.server.press(club.ania, asked, "Yes").response()
    assert (pressed.updated, pressed.text, asked.components) == (True, "done", [])
    with pytest.raises(NotOffered):
        club.server.press(club.ania, asked, "Yes")


def option(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "description": "-", "type": 3, **more}


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Big", "description": "-"},
        {"name": "two words", "description": "-"},
        {"name": "bare", "description": ""},
        {"name": "long", "description": "x" * 101},
        {"name": "locale", "description": "-", "description_localizations": {"xx": "?"}},
        {"name": "many", "description": "-", "options": [option(f"o{number}") for number in range(26)]},
        {"name": "order", "description": "-", "options": [option("a"), option("b", required=True)]},
        {"name": "mixed", "description": "-", "options": [option("a"), option("b", type=1)]},
        {"name": "choice", "description": "-", "options": [option("a", choices=[{"name": "", "value": "x"}])]},
        {
            "name": "heavy",
            "description": "-",
            "options": [
                option(f"o{number}", choices=[{"name": f"{one:050}", "value": f"{one:050}"} for one in range(25)])
                for number in range(4)
            ],
        },
    ],
    ids=lambda command: command["name"],
)
async def test_commands_discord_would_not_register_are_refused(club: Club, command: dict[str, Any]) -> None:
    before = list(club.server.commands)
    with pytest.raises(discord.HTTPException) as caught:
        await club.bot.http.bulk_upsert_global_commands(club.server.bot.id, [command])
    assert caught.value.code == 50035
    assert club.server.commands == before
    club.server.violations.clear()


async def test_registering_the_same_commands_again_creates_none(club: Club) -> None:
    created = club.server.world.command_creates[None]
    ids = {command["id"] for command in club.server.commands}
    await club.bot.tree.sync()
    assert club.server.world.command_creates[None] == created == 7
    assert {command["id"] for command in club.server.commands} == ids
    club.server.settings.command_creates_a_day = created
    new: Any = [{"name": "żółw", "description": "-"}]
    with pytest.raises(discord.HTTPException) as caught:
        await club.bot.http.bulk_upsert_global_commands(club.server.bot.id, new)
    assert caught.value.code == 30034
