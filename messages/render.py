"""Rendering: a reply, a language and a platform's markup in, text and buttons out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.config.config import Config
from bot.config.types import Weekday
from bot.errors import TryLater
from bot.members.names import isolate
from bot.replies import Button, ButtonStyle, MemberName, Picture, Reply
from messages.formats import Formats
from messages.markup import Marked, Markup, PlainMarkup
from messages.pictures.drawing import Drawn, draw
from messages.pictures.images import Images, address_of
from messages.pictures.shapes import palette, qr, tone
from messages.pictures.text import Fitted, SvgText, fitted, initials
from messages.words import badge_words, button_words, choice_words, command_words, group_words, picture_words

log = structlog.get_logger("bywalec.pictures")
Photos = Callable[[str], Awaitable[bytes | None]]
_HERE = Path(__file__).parent
_PLAIN, _SVG = PlainMarkup(), SvgText()


@dataclass(frozen=True, slots=True)
class RenderedButton:
    """A button as it is shown. `token` comes back when it is pressed; `opens_chat` makes it a link to the bot.

    `copies` makes it put that text on the clipboard; where there is no such button it is left out. With `takes_picture`
    a picture may be given in place of the text that it asks for.
    """

    label: str
    token: str
    style: ButtonStyle
    asks: str | None = None
    opens_chat: str | None = None
    copies: str | None = None
    takes_picture: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready for one platform: its text in that platform's markup and its rows of buttons."""

    text: str
    rows: tuple[tuple[RenderedButton, ...], ...] = ()


async def _no_photo(_name: str) -> bytes | None:
    return None


class Renderer:
    """Renders replies for one programme, in every language and markup.

    `bot_name` is what the bot is called on Telegram, once that is known: codes in pictures then open a chat with it.
    `photos` finds the PNG of a picture that somebody sent by its name.
    """

    def __init__(self, config: Config, photos: Photos = _no_photo) -> None:
        self.bot_name: str | None = None
        self._photos = photos
        self._programme = config.programme
        self._brand = palette(config.brand.color)
        self._images = Images(Path(config.brand.pictures))
        self._logo = config.brand.logo
        self._environment = cache(self._make_environment)
        self._template = cache(self._get_template)

    def render(self, reply: Reply, markup: Markup) -> Rendered:
        """Return the message. Raises jinja2.UndefinedError where a field is missing."""
        language = self.language(reply.language)
        template, shared = self._template(language, markup, reply.template)
        # A template's own `render` copies all that templates share, for each message.
        said = template.root_render_func(template.new_context({**shared, **reply.fields}, shared=True))
        text = "".join(said).strip()
        rows = tuple(tuple(self._button(button, language) for button in row) for row in reply.buttons)
        return Rendered(text, rows)

    async def draw(self, reply: Reply) -> Drawn | None:
        """Return the picture of a reply; None where it has none, or where it cannot be drawn."""
        picture = reply.picture
        if picture is None:
            return None
        photo = await self._photo(picture)
        png = await draw(picture.template, lambda: self.svg(picture, reply.language, photo))
        if png is None:
            return None
        alt = self.render(Reply(picture.alt, picture.fields, language=reply.language), _PLAIN).text
        return Drawn(f"{picture.template}.png", png, alt)

    def svg(self, picture: Picture, language: str, photo: bytes | None = None) -> str:
        """Return a picture as SVG, its photo drawn within. Raises jinja2.UndefinedError where a field is missing."""
        environment = self._environment(self.language(language), _SVG)
        within = None if photo is None else address_of(photo, "image/png")
        return environment.get_template(f"pictures/{picture.template}.svg.j2").render(picture.fields, photo=within)

    async def _photo(self, picture: Picture) -> bytes | None:
        """Return the photo within a picture, None where it has none or it cannot be read now."""
        try:
            return None if picture.photo is None else await self._photos(picture.photo)
        except TryLater:
            log.warning("no_photo", picture=picture.template, reason="the database is away")
            return None

    def _chat_link(self, payload: str) -> str | None:
        """Return the address that opens a chat with the bot and says so much, None where there is none."""
        return None if self.bot_name is None else f"https://t.me/{self.bot_name}?start={payload}"

    @property
    def programme_name(self) -> str:
        """What the programme is called."""
        return self._programme.name

    @property
    def languages(self) -> tuple[str, ...]:
        """The programme's languages."""
        return self._programme.languages

    def language(self, wanted: str) -> str:
        """Return the language to speak: the one wanted, or the programme's."""
        return wanted if wanted in self._programme.languages else self._programme.default_language

    def _button(self, button: Button, language: str) -> RenderedButton:
        words = button_words(language)
        fields = {name: _plain(value) for name, value in button.fields.items()}
        label = words[button.label]
        for name, value in fields.items():
            label = label.replace(f"{{{name}}}", value)
        asks = None if button.asks is None else words[button.asks]
        leads = asks, button.opens_chat, button.copies, button.takes_picture
        return RenderedButton(label, button.token, button.style, *leads)

    def _get_template(self, language: str, markup: Markup, name: str) -> tuple[Template, dict[str, Any]]:
        """Return a template and what templates share."""
        environment = self._environment(language, markup)
        return environment.get_template(f"{language}/{name}.j2"), dict(environment.globals)

    def _make_environment(self, language: str, markup: Markup) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(_HERE),
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # noqa: S701  each platform escapes in its own way, in finalize
            finalize=partial(_escaped, markup),
        )
        names = self._programme.currency_name
        formats = Formats(language, self._programme.zone, names.get(language))  # type: ignore[call-overload]
        environment.filters |= _filters(markup, formats, language)
        currency = self._programme.currency
        environment.filters["whole_money"] = lambda units: formats.whole_money(units, currency)
        environment.filters["said"] = lambda part: Marked(self.render(_text_alone(part, language), markup).text)
        environment.globals |= {
            "chat_link": self._chat_link,
            "programme": self._programme.name,
            "languages": self._programme.languages,
            "weekdays": get_args(Weekday),
        }
        if isinstance(markup, SvgText):
            environment.filters |= {
                "fit": _fitted,
                "qr": qr,
                "image": self._images,
                "tone": tone,
                "initials": lambda name: initials(_plain(name)),
            }
            words = {"word": lambda key: picture_words(language)[key]}
            logo = {"logo": lambda: self._images.logo_or_none(self._logo)}
            environment.globals |= {**words, **logo, "brand": self._brand}
        return environment


def _text_alone(part: Reply, language: str) -> Reply:
    return Reply(part.template, part.fields, language=language)


def _plain(value: object) -> str:
    return value.name if isinstance(value, MemberName) else str(value)


def _fitted(value: object, width: float, sizes: Sequence[int], most_lines: int = 1) -> Fitted:
    return fitted(_plain(value), width, sizes, most_lines)


def _escaped(markup: Markup, value: object) -> str:
    """Escape a value for the platform unless it is marked up already."""
    if isinstance(value, Marked):
        return value
    if isinstance(value, MemberName):
        return markup.escape(isolate(value.name))
    return markup.escape(isolate(str(value)) if isinstance(value, str) else str(value))


def _filters(markup: Markup, formats: Formats, language: str) -> dict[str, Any]:
    def marked(value: object) -> Marked:
        return Marked(_escaped(markup, value))

    def choice(value: str) -> str:
        return choice_words(language)[value]

    return {
        "bold": lambda value: Marked(markup.bold(marked(value))),
        "italic": lambda value: Marked(markup.italic(marked(value))),
        "code": lambda value: Marked(markup.code(str(value))),
        "mention": lambda value: Marked(markup.mention(value)),
        "link": lambda value: Marked(markup.link(str(value))),
        "command": lambda value: Marked(markup.command(str(value))),
        "points": lambda value: formats.count(value, "points"),
        "status": lambda value: formats.count(value, "status"),
        "count": formats.count,
        "noun": formats.noun,
        "span": formats.span,
        "number": formats.number,
        "signed": formats.signed,
        "decimal": formats.decimal,
        "money": formats.money,
        "date": formats.date,
        "day": formats.day,
        "day_before": formats.day_before,
        "moment": formats.moment,
        "time": formats.time,
        "week": formats.week,
        "month": formats.month,
        "choice": choice,
        "bar": bar,
        "describe": lambda name: command_words(name, language).description,
        "example": lambda name: command_words(name, language).example,
        "describe_param": lambda name, param: command_words(name, language).params[param],
        "group": lambda role: group_words(language)[role],
        "in_language": partial(_in_language, language),
        "badge": partial(_badge_name, formats, language),
    }


def _in_language(language: str, words: Mapping[str, str]) -> str:
    return words.get(language) or next(iter(words.values()))


def _badge_name(formats: Formats, language: str, badge: Mapping[str, Any]) -> str:
    """Return the name of a badge: its own, else the one among the words; that of a year says which one it is."""
    if badge["name"]:
        return _in_language(language, badge["name"])
    if badge["counts"] == "years":
        return formats.count(badge["level"], "years_with_us")
    return badge_words(language)[badge["id"]]


def bar(amount: int, goal: int, width: int = 10) -> str:
    """Return a progress bar; only a reached goal fills it."""
    filled = min(width, amount * width // goal)
    return "▰" * filled + "▱" * (width - filled)
