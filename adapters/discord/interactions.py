"""Raw interactions into events: commands, context menus, presses, submitted modals. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from adapters.discord.translate import Json, Listener, attached, identity_of, instant_of, person_of, place_of
from adapters.pictures import Attached
from bot.commands import CommandSpec, MemberParam, Param
from bot.events import ButtonPressed, Command, Person, PictureSent, Place

_ADMINISTRATOR, _MANAGE_SERVER = 1 << 3, 1 << 5
_USER_OPTION = 6


class Kind(IntEnum):
    """Kinds of interactions."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class CommandKind(IntEnum):
    """Kinds of application commands."""

    SLASH = 1
    PERSON_MENU = 2
    MESSAGE_MENU = 3


@dataclass(frozen=True, slots=True)
class Interaction:
    """What a person did with one of our controls. `message` is the one whose control was used."""

    id: str
    token: str
    kind: int
    at: datetime
    place: Place
    person: Person
    platform_admin: bool
    data: Json
    message: Json | None


Options = Mapping[str, str | int | Person]


def read(payload: Json, listener: Listener) -> Interaction:
    """Return the interaction of an INTERACTION_CREATE payload."""
    member = payload.get("member")
    user = member["user"] if member else payload["user"]
    rights = int(member["permissions"]) if member else 0
    return Interaction(
        id=str(payload["id"]),
        token=str(payload["token"]),
        kind=int(payload["type"]),
        at=instant_of(payload["id"]),
        place=place_of(payload, listener.titles),
        person=person_of(user, member, payload.get("locale")),
        platform_admin=bool(rights & (_ADMINISTRATOR | _MANAGE_SERVER)),
        data=payload["data"],
        message=payload.get("message"),
    )


def command(interaction: Interaction, name: str, options: Options) -> Command:
    """Return a command with its options."""
    return Command(
        event_id=f"i{interaction.id}",
        at=interaction.at,
        place=interaction.place,
        person=interaction.person,
        platform_admin=interaction.platform_admin,
        name=name,
        options=options,
    )


def pressed(interaction: Interaction, token: str, text: str | None = None) -> ButtonPressed:
    """Return a press of one of our buttons."""
    return ButtonPressed(
        event_id=f"i{interaction.id}",
        at=interaction.at,
        place=interaction.place,
        person=interaction.person,
        platform_admin=interaction.platform_admin,
        token=token,
        text=text,
    )


def picture_sent(interaction: Interaction) -> PictureSent:
    """Return that a file was put into a modal."""
    return PictureSent(
        event_id=f"i{interaction.id}",
        at=interaction.at,
        place=interaction.place,
        person=interaction.person,
        platform_admin=interaction.platform_admin,
    )


def slash_options(interaction: Interaction) -> dict[str, str | int | Person]:
    """Return the options of a slash command by name."""
    return {option["name"]: _value(option, interaction.data) for option in interaction.data.get("options") or []}


def _value(option: Json, data: Json) -> str | int | Person:
    if option["type"] == _USER_OPTION:
        return _resolved_person(data, str(option["value"]))
    value = option["value"]
    return value if isinstance(value, int) else str(value)


def _resolved_person(data: Json, user_id: str) -> Person:
    resolved = data["resolved"]
    return person_of(resolved["users"][user_id], (resolved.get("members") or {}).get(user_id))


def focused(interaction: Interaction) -> tuple[str, str]:
    """Return the name and the text so far of the option that is being typed."""
    for option in interaction.data.get("options") or []:
        if option.get("focused"):
            return str(option["name"]), str(option["value"])
    raise KeyError("focused")


def clicked_person(interaction: Interaction) -> Person:
    """Return who a context menu was opened on: the person, or the author of the message."""
    data = interaction.data
    if data["type"] == CommandKind.PERSON_MENU:
        return _resolved_person(data, str(data["target_id"]))
    message = data["resolved"]["messages"][str(data["target_id"])]
    author = message["author"]
    return person_of({**author, "bot": author.get("bot") or message.get("webhook_id") is not None})


def parameters_of_menu(spec: CommandSpec) -> tuple[MemberParam, tuple[Param, ...]]:
    """Return the parameter that the click fills, and those that are left to ask for."""
    member = next(param for param in spec.params if isinstance(param, MemberParam))
    return member, tuple(param for param in spec.params if param is not member)


def typed_values(data: Json) -> dict[str, str]:
    """Return what was typed into a modal by the inputs' custom ids."""
    inputs: list[Json] = []
    for top in data["components"]:
        inputs += [top["component"]] if "component" in top else top.get("components") or []
    return {part["custom_id"]: str(part["value"]) for part in inputs if "value" in part}


def uploaded(data: Json) -> Attached | None:
    """Return the file that was put into a modal, None where there is none."""
    files = (data.get("resolved") or {}).get("attachments") or {}
    return next(map(attached, files.values()), None)


def marked_person(user_id: str, name: str, *, is_bot: bool) -> Person:
    """Return a person that a modal's custom id carried over."""
    return Person(identity_of(user_id), name, is_bot=is_bot)
