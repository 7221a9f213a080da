"""What an update said: an event with what answering it needs."""

from collections.abc import Collection
from dataclasses import dataclass

from adapters.pictures import Attached
from adapters.telegram.dates import TelegramTime
from adapters.telegram.places import OurBot
from bot.events import AppEvent, Event, Participation
from bot.values import keyword_value


@keyword_value
class AnonymousCommand(Event):
    """A command said in the name of the group: there is nobody to act for, but somebody to tell why."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event with what answering it needs: the message it came with (or whose button was pressed), the press.

    `is_photo` says that the message whose button was pressed is one. `attached` is the file of a PictureSent.
    """

    event: AppEvent | Participation | AnonymousCommand
    message_id: int | None = None
    callback_id: str | None = None
    is_photo: bool = False
    attached: Attached | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """What translation depends on besides the update: who we are, which commands we know, the time."""

    bot: OurBot
    commands: Collection[str]
    now: TelegramTime
