"""Makes, changes and checks messages by Discord's rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.platforms.discord.cdn import File
from tests.platforms.discord.components import check_message_components
from tests.platforms.discord.errors import Form, refusal
from tests.platforms.discord.mentions import check_allowed_mentions, mentioned_users, pings_of
from tests.platforms.discord.model import COMPONENTS_V2, Channel, Json, Message, User
from tests.platforms.discord.world import World

_MOST_FILES, _MOST_BYTES = 10, 10 * 1024 * 1024
SUPPRESS = 1 << 2 | 1 << 12
EMBED_TEXTS = {"title": 256, "description": 4096}


@dataclass(frozen=True, slots=True)
class Files:
    """Uploaded files of a request, by the number in their field's name."""

    by_number: dict[int, tuple[str, str, bytes]]


NO_FILES = Files({})


def check_message_body(body: Json, form: Form, already_v2: bool = False) -> None:
    """Note every form error of a message body."""
    v2 = already_v2 or bool(int(body.get("flags") or 0) & COMPONENTS_V2)
    form.length("content", body.get("content"), 2000)
    form.length("embeds", body.get("embeds"), 10)
    if isinstance(body.get("nonce"), str):
        form.length("nonce", body["nonce"], 25)
    if v2 and (body.get("content") or body.get("embeds")):
        form.wrong("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not allowed with V2.")
    _check_embeds(body.get("embeds") or [], form)
    check_message_components(body.get("components") or [], v2, form)
    check_allowed_mentions(body.get("allowed_mentions"), form)


def check_files(body: Json, files: Files, kept: set[str], form: Form) -> None:
    """Note every form error of files and of what is said about them. Raises 40005."""
    form.length("files", list(files.by_number), _MOST_FILES)
    if any(len(content) > _MOST_BYTES for _, _, content in files.by_number.values()):
        raise refusal(40005)
    for index, attachment in enumerate(body.get("attachments") or []):
        form.length(f"attachments.{index}.description", attachment.get("description"), 1024)
        number = str(attachment.get("id"))
        if number not in kept and number not in {str(known) for known in files.by_number}:
            form.wrong(f"attachments.{index}.id", "ATTACHMENT_NOT_FOUND", "There is no such file or attachment.")


def _check_embeds(embeds: list[Json], form: Form) -> None:
    total = 0
    for index, embed in enumerate(embeds):
        path = f"embeds.{index}"
        for key, most in EMBED_TEXTS.items():
            form.length(f"{path}.{key}", embed.get(key), most)
        footer, author = embed.get("footer") or {}, embed.get("author") or {}
        form.length(f"{path}.footer.text", footer.get("text"), 2048)
        form.length(f"{path}.author.name", author.get("name"), 256)
        rows = embed.get("fields") or []
        form.length(f"{path}.fields", rows, 25)
        for number, row in enumerate(rows):
            for key, most in (("name", 256), ("value", 1024)):
                form.required(f"{path}.fields.{number}.{key}", row.get(key))
                form.length(f"{path}.fields.{number}.{key}", row.get(key), most)
        texts = [embed.get("title"), embed.get("description"), footer.get("text"), author.get("name")]
        texts += [row.get(key) for row in rows for key in ("name", "value")]
        total += sum(len(str(text)) for text in texts if text)
    if total > 6000:
        form.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def compose(
    world: World, channel: Channel, body: Json, files: Files, default_parse: tuple[str, ...], flags: int = 0
) -> Message:
    """Return a new message of the bot, checked but not yet in its channel. Raises 50035 or 50006."""
    form = Form()
    check_message_body(body, form)
    check_files(body, files, set(), form)
    form.check()
    message_id = world.snowflakes.next()
    message = Message(message_id, channel, world.bot, "", world.now())
    message.flags = flags | int(body.get("flags") or 0)
    message.reference = _referenced(world, channel, body)
    message.nonce = body.get("nonce")
    apply(world, message, body, files, default_parse)
    return message


def apply(world: World, message: Message, body: Json, files: Files, default_parse: tuple[str, ...]) -> None:
    """Write the fields of a body onto a message. Raises 50006 if nothing would be left to see."""
    content: str = (body["content"] or "").strip() if "content" in body else message.content
    embeds: list[Json] = (body["embeds"] or []) if "embeds" in body else message.embeds
    attachments = _attachments(world, message, body, files)
    if not (content or embeds or attachments or message.flags & COMPONENTS_V2):
        raise refusal(50006)
    message.content, message.embeds = content, embeds
    if "components" in body:
        message.components = body["components"] or []
    message.attachments = attachments
    message.files |= {name: content for name, _, content in files.by_number.values()}
    message.allowed_mentions = body.get("allowed_mentions")
    message.pings = pings_of(message, default_parse)
    message.mentions = mentioned_users(message, world.users)


def edit(world: World, message: Message, body: Json, files: Files, default_parse: tuple[str, ...]) -> None:
    """Change a message the bot wrote. Raises 50035 or 50006."""
    form = Form()
    check_message_body(body, form, already_v2=bool(message.flags & COMPONENTS_V2))
    check_files(body, files, {str(one["id"]) for one in message.attachments}, form)
    form.check()
    message.flags |= int(body.get("flags") or 0) & (COMPONENTS_V2 | SUPPRESS)
    apply(world, message, body, files, default_parse)
    message.edited_at = world.now()


def said_by_person(
    world: World, author: User, channel: Channel, content: str, reply_to: Message | None, files: Sequence[File] = ()
) -> Message:
    """Return a new message of a person, with the mentions Discord's app would make of its text."""
    message = Message(world.snowflakes.next(), channel, author, content, world.now(), reference=reply_to)
    message.attachments = [world.cdn.put(world.snowflakes.next(), channel.id, file) for file in files]
    message.pings = pings_of(message, ("users", "roles", "everyone"))
    message.mentions = mentioned_users(message, world.users)
    return message


def _referenced(world: World, channel: Channel, body: Json) -> Message | None:
    reference = body.get("message_reference")
    if not reference:
        return None
    found = channel.messages.get(int(reference["message_id"]))
    if found is None and reference.get("fail_if_not_exists", True):
        form = Form()
        form.wrong("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        form.check()
    return found


def _attachments(world: World, message: Message, body: Json, files: Files) -> list[Json]:
    kept = message.attachments
    described: dict[int, Json] = {}
    if "attachments" in body:
        listed = body["attachments"] or []
        described = {int(one["id"]): one for one in listed if int(one["id"]) in files.by_number}
        kept_ids = {str(one["id"]) for one in listed}
        kept = [one for one in kept if one["id"] in kept_ids]
    made = []
    for number, (name, content_type, content) in files.by_number.items():
        extra = {key: value for key, value in described.get(number, {}).items() if key == "description"}
        file = File(name, content, content_type)
        made.append(world.cdn.put(world.snowflakes.next(), message.channel.id, file) | extra)
    return [*kept, *made]
