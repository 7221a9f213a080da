"""Answers to those who act: interactions within Discord's deadline, and texts said to the bot."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from adapters.discord import controls, interactions
from adapters.discord.controls import Asking, MenuValues, Pressed
from adapters.discord.display import Display, Message
from adapters.discord.interactions import CommandKind, Interaction, Kind
from adapters.discord.menus import Menus
from adapters.discord.responding import Response
from adapters.discord.rest import FAILURES, Rest
from adapters.discord.translate import PLATFORM
from adapters.failures import failure
from adapters.pictures import Attached, with_picture
from adapters.ports import App
from bot.commands import CommandSpec
from bot.errors import TryLater
from bot.events import Answered, ButtonPressed, Command, PictureSent
from bot.replies import MemberName, Reply, Visibility
from bot.tracing import about

T = TypeVar("T")
log = structlog.get_logger("bywalec.discord")
# Discord gives 3 s for the first sign and 15 minutes for the rest.
RECEIPT_AFTER_S = 0.3
_PATIENCE_S = 14 * 60.0
_DATABASE_AWAY_S = 1.0
_MOST_CHOICES = 25
_CANNOT_WRITE = 50007


class Answering:
    """Turns interactions into events for the app and shows its replies."""

    def __init__(self, app: App, rest: Rest, display: Display, menus: Menus, application_id: str) -> None:
        self._app = app
        self._rest = rest
        self._display = display
        self._menus = menus
        self._application_id = application_id

    async def interact(self, interaction: Interaction) -> None:
        """Answer an interaction."""
        response = Response(interaction, self._rest, self._application_id)
        with about(f"{PLATFORM}:{interaction.id}"):
            await self._interact(interaction, response)

    async def _interact(self, interaction: Interaction, response: Response) -> None:
        try:
            match interaction.kind:
                case Kind.COMMAND:
                    await self._command(interaction, response)
                case Kind.COMPONENT:
                    await self._press(interaction, response)
                case Kind.AUTOCOMPLETE:
                    await self._complete(interaction, response)
                case Kind.MODAL_SUBMIT:
                    await self._submitted(interaction, response)
        except FAILURES as error:
            log.warning("answer_not_shown", kind=interaction.kind, **failure(error))
        except Exception as error:
            log.error("answer_failed", kind=interaction.kind, **failure(error))
            with contextlib.suppress(*FAILURES):
                await response.close()

    async def _command(self, interaction: Interaction, response: Response) -> None:
        data = interaction.data
        spec = self._menus.find(data["type"], data["name"])
        if data["type"] == CommandKind.SLASH:
            event = interactions.command(interaction, data["name"], interactions.slash_options(interaction))
            await self._answer(event, response, spec)
        elif spec is None:
            await response.close()
        else:
            await self._context_menu(interaction, response, spec)

    async def _context_menu(self, interaction: Interaction, response: Response, spec: CommandSpec) -> None:
        person = interactions.clicked_person(interaction)
        member, left = interactions.parameters_of_menu(spec)
        if not left:
            await self._answer(interactions.command(interaction, spec.name, {member.name: person}), response, spec)
            return
        language = self._menus.language(interaction.person.language)
        asked = [(param, self._menus.question(spec, param, language)) for param in left]
        title = self._menus.menu_title(spec, language)
        await response.ask(controls.menu_modal(spec.name, title, asked, member.name, person))

    async def _press(self, interaction: Interaction, response: Response) -> None:
        match controls.read_custom_id(interaction.data["custom_id"]):
            case Pressed(token):
                await self._answer(interactions.pressed(interaction, token), response)
            case Asking() as asking:
                await response.ask(controls.question_modal(asking, interaction.message or {}))
            case _:
                await response.close()

    async def _submitted(self, interaction: Interaction, response: Response) -> None:
        values = interactions.typed_values(interaction.data)
        match controls.read_custom_id(interaction.data["custom_id"]):
            case Pressed(token):
                pressed = interactions.pressed(interaction, token, values.get(controls.ANSWER_INPUT, ""))
                file = interactions.uploaded(interaction.data)
                sent = None if file is None else (interactions.picture_sent(interaction), file)
                await self._answer(pressed, response, sent=sent)
            case MenuValues(name, parameter, person):
                event = interactions.command(interaction, name, {**values, parameter: person})
                await self._answer(event, response, self._menus.find(CommandKind.SLASH, name))
            case _:
                await response.close()

    async def _complete(self, interaction: Interaction, response: Response) -> None:
        param, typed = interactions.focused(interaction)
        try:
            async with asyncio.timeout(RECEIPT_AFTER_S):
                command = interaction.data["name"]
                choices = await self._app.complete(command, param, typed, interaction.person.identity)
        except (TryLater, TimeoutError):
            choices = []
        await response.offer(choices[:_MOST_CHOICES])

    async def _answer(
        self,
        event: Command | ButtonPressed,
        response: Response,
        spec: CommandSpec | None = None,
        sent: tuple[PictureSent, Attached] | None = None,
    ) -> None:
        """Have the app handle an event and show its replies. A slow app is bridged by a receipt.

        What was `sent` with it takes its place where a picture is asked for.
        """
        declared = spec.visibility if spec is not None else Visibility.PRIVATE
        # In a direct channel everything is private anyway, and an ephemeral message would not last.
        may_hide = not event.place.is_private
        work = asyncio.create_task(self._shown(event, sent))
        try:
            done, _ = await asyncio.wait({work}, timeout=RECEIPT_AFTER_S)
            if not done:
                await self._defer(response, in_private=may_hide and declared is Visibility.PRIVATE)
            answers = await work
        finally:
            work.cancel()
        # Only the first response can replace the message.
        for reply, message in sorted(answers, key=lambda answer: not answer[0].edit):
            in_private = may_hide and (reply.visibility or declared) is Visibility.PRIVATE
            show = response.replace if reply.edit else response.show
            await show(message, in_private=in_private)
        await response.close()

    async def _defer(self, response: Response, *, in_private: bool) -> None:
        """Win time. Where that fails the event is handled all the same."""
        try:
            await response.defer(in_private=in_private)
        except FAILURES as error:
            log.warning("receipt_not_given", **failure(error))

    async def _shown(
        self, event: Command | ButtonPressed, sent: tuple[PictureSent, Attached] | None
    ) -> list[tuple[Reply, Message]]:
        heard = event if sent is None else await self._picture(*sent) or event
        return [(reply, await self._display.message(reply)) for reply in await self._handled(heard)]

    async def _picture(self, sent: PictureSent, attached: Attached) -> PictureSent | None:
        """Return the picture that was asked for, or why it is none; None where nobody asked for one."""
        fetch = self._rest.file
        event = await self._when_possible(lambda: with_picture(sent, attached, self._app, fetch))
        return None if event is None or event.picture is None else event

    async def _handled(self, event: Command | ButtonPressed | Answered | PictureSent) -> list[Reply]:
        """Return the app's replies; while the database is away, wait as long as an answer can be shown."""
        return await self._when_possible(lambda: self._app.handle(event)) or []

    async def _when_possible(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """Do it, again while the database is away; None once nobody waits for an answer any more."""
        give_up_at = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return await work()
            except TryLater:
                if time.monotonic() > give_up_at:
                    log.warning("answer_given_up", reason="the database is away")
                    return None
                await asyncio.sleep(_DATABASE_AWAY_S)

    async def look(self, sent: PictureSent, attached: Attached, said: Answered | None) -> None:
        """Take a file as the answer where a picture is asked for; else answer what was said with it."""
        with about(sent.key):
            heard = await self._picture(sent, attached) or said
        if heard is not None:
            await self.hear(heard)

    async def hear(self, event: Answered | PictureSent) -> None:
        """Answer what was said to the bot."""
        with about(event.key):
            for reply in await self._handled(event):
                try:
                    await self._say(event, reply)
                except FAILURES as error:
                    log.warning("answer_not_shown", kind="text", **failure(error))

    async def _say(self, event: Answered | PictureSent, reply: Reply) -> None:
        message = await self._display.message(reply)
        if event.place.is_private or reply.visibility is Visibility.PUBLIC:
            await self._rest.post(event.place.channel_id, message.also(message_reference=_reference(event)))
            return
        try:
            await self._rest.post(await self._rest.direct_channel(event.person.identity.user_id), message)
        except FAILURES as error:
            if getattr(error, "code", None) != _CANNOT_WRITE:
                raise
            name = MemberName(event.person.name, (event.person.identity,))
            line = await self._display.message(Reply("write_to_me", {"name": name}, language=reply.language))
            await self._rest.post(event.place.channel_id, line.also(message_reference=_reference(event)))


def _reference(event: Answered | PictureSent) -> dict[str, object]:
    return {"message_id": event.event_id.removeprefix("m"), "fail_if_not_exists": False}
