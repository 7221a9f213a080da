"""What the bot does on a platform besides writing: marks of members, who is let in and taken out, what is pinned."""

from collections.abc import Iterable

from bot.values import value


@value
class Marking:
    """A member is to have these marks in a space, and no other of ours: roles by id on Discord, a tag on Telegram.

    `ours` are all marks that the bot gives there, or gave; every other is somebody else's business.
    """

    wanted: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()

    def now(self, wanted: Iterable[str], given: Iterable[str]) -> "Marking":
        """Return it as it is to be done now. What was given before is ours too, whatever is said of it by now."""
        return Marking(wanted=tuple(wanted), ours=tuple({*self.ours, *given}))


@value
class Admission:
    """A member's request to join a group of the platform is granted."""

    group_id: str

    def now(self, _wanted: Iterable[str], _given: Iterable[str]) -> "Admission":
        """Return it as it is to be done now, which is as it was."""
        return self


@value
class Removal:
    """A member is taken out of a group of the platform, and may ask to be let in again."""

    group_id: str

    def now(self, _wanted: Iterable[str], _given: Iterable[str]) -> "Removal":
        """Return it as it is to be done now, which is as it was."""
        return self


@value
class Pinning:
    """A message of ours in a space is to be pinned, without a sound, or pinned no more."""

    is_pinned: bool = True

    def now(self, _wanted: Iterable[str], _given: Iterable[str]) -> "Pinning":
        """Return it as it is to be done now, which is as it was."""
        return self


Deed = Marking | Admission | Removal | Pinning
