"""What the demo is given: the app together with its scheduled work, because the demo moves the clock."""

from typing import Protocol

from adapters.clock import Timetable
from adapters.ports import App


class ConsoleApp(App, Timetable, Protocol):
    """The app as the demo needs it."""
