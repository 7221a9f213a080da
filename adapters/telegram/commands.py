"""Commands as people type them: the name, whom it is addressed to, and its words, with offsets in UTF-16 units."""

from dataclasses import dataclass

from adapters.telegram.places import person_of
from adapters.telegram.reading import Json, Unreadable, integer, section, sections, text
from bot.events import Person

_UNIT_BYTES = 2


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as typed. `addressee` is the username after the @, or empty."""

    name: str
    addressee: str
    words: tuple[str | Person, ...]


def typed_command(message: Json) -> Typed | None:
    """Return the command a message begins with, or None."""
    if message.get("text") is None:
        return None
    entities = sections(message, "entities")
    for entity in entities:
        if entity.get("type") == "bot_command" and entity.get("offset") == 0:
            units = text(message, "text").encode("utf-16-le", "surrogatepass")
            _, end = _span(entity, units)
            name, _, addressee = _decoded(units[:end]).removeprefix("/").partition("@")
            return Typed(name.lower(), addressee.lower(), _words(units, end, entities))
    return None


def _words(units: bytes, start: int, entities: list[Json]) -> tuple[str | Person, ...]:
    """Split at white space; a marked mention is one Person, whatever its text."""
    words: list[str | Person] = []
    for entity in entities:
        if entity.get("type") != "text_mention":
            continue
        mention_start, mention_end = _span(entity, units)
        if mention_start < start:
            continue
        words += _decoded(units[start:mention_start]).split()
        words.append(person_of(section(entity, "user")))
        start = mention_end
    return (*words, *_decoded(units[start:]).split())


def _span(entity: Json, units: bytes) -> tuple[int, int]:
    start = integer(entity, "offset") * _UNIT_BYTES
    end = start + integer(entity, "length") * _UNIT_BYTES
    if not 0 <= start <= end <= len(units):
        raise Unreadable("an entity lies outside its text")
    return start, end


def _decoded(units: bytes) -> str:
    return units.decode("utf-16-le", "surrogatepass")
