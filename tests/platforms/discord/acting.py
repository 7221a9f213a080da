"""The driving side of interactions: slash commands, autocomplete, context menus, buttons, selects, modals."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from tests.platforms.discord import command_rules as rules
from tests.platforms.discord.cdn import File
from tests.platforms.discord.components import FILE_UPLOAD, TEXT_INPUT
from tests.platforms.discord.gateway import Gateway
from tests.platforms.discord.interaction_payloads import Resolved, interaction_json
from tests.platforms.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, InteractionHandle
from tests.platforms.discord.model import Channel, Json, Message, User, walk
from tests.platforms.discord.offered import NotOffered, fill_options, find_command, walk_to
from tests.platforms.discord.world import World


class Acting:
    """What Discord's app lets people do with the application; refuses (NotOffered) what it would not."""

    world: World
    gateway: Gateway

    def slash(
        self,
        user: User,
        channel: Channel,
        command: str,
        options: dict[str, Any] | None = None,
        *,
        locale: str = "en-US",
    ) -> InteractionHandle:
        """Use a slash command; sub-commands follow the name after blanks. Users, roles and channels go as objects."""
        name, *path = command.split()
        registered = find_command(self.world, channel, user, name, rules.CHAT_INPUT)
        steps, declared = walk_to(registered, path)
        resolved = Resolved(channel.guild, self.world.bot)
        filled = _nested(steps, fill_options(declared, options or {}, resolved))
        handle = self._handle(COMMAND, user, channel, locale)
        handle.command_name = command
        return self._send(handle, _command_data(registered, filled, resolved))

    async def autocomplete(
        self,
        user: User,
        channel: Channel,
        command: str,
        options: dict[str, Any],
        focused: str,
        *,
        locale: str = "en-US",
        timeout_s: float = 10.0,
    ) -> list[Json]:
        """Return the choices offered while `focused` is being typed; its value so far is in `options`."""
        name, *path = command.split()
        registered = find_command(self.world, channel, user, name, rules.CHAT_INPUT)
        steps, declared = walk_to(registered, path)
        kinds = {option["name"]: option for option in declared}
        if not kinds[focused].get("autocomplete"):
            raise NotOffered(f"option {focused!r} of /{command} has no autocomplete")
        resolved = Resolved(channel.guild, self.world.bot)
        typed: list[Json] = [
            {"name": option, "type": kinds[option]["type"], "value": resolved.add(value)}
            for option, value in options.items()
        ]
        for option in typed:
            if option["name"] == focused:
                option |= {"focused": True, "value": str(option["value"])}
        handle = self._handle(AUTOCOMPLETE, user, channel, locale)
        handle.command_name = command
        self._send(handle, _command_data(registered, _nested(steps, typed), resolved))
        return await self.world.signal.wait_for(lambda: handle.choices, timeout_s, f"choices for {focused!r}")

    def context_menu(
        self, user: User, channel: Channel, name: str, target: User | Message, *, locale: str = "en-US"
    ) -> InteractionHandle:
        """Choose an entry of the context menu of a person or a message."""
        kind = rules.USER if isinstance(target, User) else rules.MESSAGE
        registered = find_command(self.world, channel, user, name, kind)
        resolved = Resolved(channel.guild, self.world.bot)
        target_id = resolved.add(target)
        handle = self._handle(COMMAND, user, channel, locale)
        handle.command_name = name
        return self._send(handle, {**_command_data(registered, [], resolved), "target_id": target_id})

    def press(self, user: User, message: Message, which: str | int, *, locale: str = "en-US") -> InteractionHandle:
        """Press a button, named by its label, custom id or index."""
        self._check_visible(user, message)
        buttons = [part for part in walk(message.components) if part["type"] == 2]
        if isinstance(which, int):
            button = buttons[which]
        else:
            named = [one for one in buttons if which in (one.get("label"), one.get("custom_id"))]
            if not named:
                raise NotOffered(f"no button {which!r} among {message.labels}")
            button = named[0]
        if button.get("disabled") or "custom_id" not in button:
            raise NotOffered(f"button {which!r} is disabled or a link")
        return self._use(user, message, {"custom_id": button["custom_id"], "component_type": 2}, locale)

    def select(
        self, user: User, message: Message, values: Sequence[str | User], index: int = 0, *, locale: str = "en-US"
    ) -> InteractionHandle:
        """Choose in a select menu: option values or labels, or people in a menu of people."""
        self._check_visible(user, message)
        menu = [part for part in walk(message.components) if part["type"] in (3, 5, 6, 7, 8)][index]
        if menu.get("disabled") or not menu.get("min_values", 1) <= len(values) <= menu.get("max_values", 1):
            raise NotOffered(f"the menu is disabled or does not take {len(values)} values")
        resolved = Resolved(message.channel.guild, self.world.bot)
        by_label = {option["label"]: option["value"] for option in menu.get("options") or []}
        chosen = [resolved.add(one) if isinstance(one, User) else by_label.get(one, one) for one in values]
        if menu["type"] == 3 and not set(chosen) <= set(by_label.values()):
            raise NotOffered(f"{values!r} is not in the menu")
        data: Json = {"custom_id": menu["custom_id"], "component_type": menu["type"], "values": chosen}
        if resolved.data:
            data["resolved"] = resolved.data
        return self._use(user, message, data, locale)

    def submit_modal(self, handle: InteractionHandle, values: Mapping[str, str | File]) -> InteractionHandle:
        """Fill in and send the modal `handle` was answered with; inputs are named by custom id or label."""
        if handle.modal is None:
            raise NotOffered("no modal is open")
        resolved = Resolved(handle.channel.guild, self.world.bot)
        left = {name: self._value(value, handle.channel, resolved) for name, value in values.items()}
        components = [_submitted(top, left) for top in handle.modal["components"]]
        if left:
            raise NotOffered(f"the modal has no inputs {sorted(left)}")
        submit = self._handle(MODAL_SUBMIT, handle.user, handle.channel, handle.locale)
        submit.source, submit.command_name = handle.source, handle.command_name
        data: Json = {"custom_id": handle.modal["custom_id"], "components": components}
        if resolved.data:
            data["resolved"] = resolved.data
        return self._send(submit, data)

    def _value(self, value: str | File, channel: Channel, resolved: Resolved) -> str:
        """Return what was typed, or the id of a file that was put up."""
        if isinstance(value, str):
            return value
        attachment = self.world.cdn.put(self.world.snowflakes.next(), channel.id, value)
        return resolved.attach({**attachment, "ephemeral": True})

    def _check_visible(self, user: User, message: Message) -> None:
        if message.deleted or message.seen_only_by not in (None, user):
            raise NotOffered(f"{user.name} does not see this message")
        guild = message.channel.guild
        if guild is not None and user.id not in guild.members:
            raise NotOffered(f"{user.name} is not in {guild.name}")

    def _use(self, user: User, message: Message, data: Json, locale: str) -> InteractionHandle:
        handle = self._handle(COMPONENT, user, message.channel, locale)
        handle.source = message
        return self._send(handle, data)

    def _handle(self, kind: int, user: User, channel: Channel, locale: str) -> InteractionHandle:
        world = self.world
        token = secrets.token_urlsafe(48)
        started_s = world.monotonic()
        return InteractionHandle(world.snowflakes.next(), token, kind, user, channel, started_s, world.signal, locale)

    def _send(self, handle: InteractionHandle, data: Json) -> InteractionHandle:
        self.world.interactions[handle.token] = handle
        payload = interaction_json(handle, data, self.world.bot)
        self.gateway.publish("INTERACTION_CREATE", payload, guild=handle.channel.guild)
        return handle


def _command_data(registered: Json, options: list[Json], resolved: Resolved) -> Json:
    data: Json = {"id": registered["id"], "name": registered["name"], "type": registered["type"]}
    if options:
        data["options"] = options
    if resolved.data:
        data["resolved"] = resolved.data
    if "guild_id" in registered:
        data["guild_id"] = registered["guild_id"]
    return data


def _nested(steps: list[Json], options: list[Json]) -> list[Json]:
    for step in reversed(steps):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    return options


def _submitted(top: Json, values: dict[str, str]) -> Json:
    """Return a top component as sent back, taking its input's value out of `values`."""
    if "component" in top:
        return {"type": top["type"], "id": 1, "component": _input(top["component"], top["label"], values)}
    inner = [_input(part, part["label"], values) for part in top.get("components") or []]
    return {"type": top["type"], "id": 1, "components": inner}


def _input(part: Json, label: str, values: dict[str, str]) -> Json:
    name = part["custom_id"] if part["custom_id"] in values else label
    value = values.pop(name, part.get("value") or "")
    sent: Json = {"type": part["type"], "custom_id": part["custom_id"], "id": 2}
    if part["type"] == FILE_UPLOAD and part.get("required", True) and not value:
        raise NotOffered(f"{label!r} takes a file")
    if part["type"] != TEXT_INPUT:
        return {**sent, "values": [value] if value else []}
    required = part.get("required", True)
    least, most = part.get("min_length") or 0, part.get("max_length") or 4000
    if (required and not value) or (value and not least <= len(value) <= most):
        raise NotOffered(f"{value!r} does not fit the input {label!r}")
    return {**sent, "value": value}
