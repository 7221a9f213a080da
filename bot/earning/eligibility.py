"""The one test over all rules of taking part: what earns nothing whatever the rule says."""

from bot.events import Author, Identity, MessagePosted, Person, ReactionChanged, VoicePresent


def message_counts(event: MessagePosted) -> bool:
    """Whether a message may earn: written by a person in a space, not a command, an edit or a forward."""
    is_own_words = not (event.is_forward or event.is_edit or event.is_command)
    is_by_person = event.author is Author.PERSON and not event.person.is_bot
    return is_own_words and is_by_person and not event.place.is_private


def reaction_counts(event: ReactionChanged, message_author: Identity | None) -> bool:
    """Whether a reaction may earn for the author: by a person, in a space, not to their own message."""
    return not (event.place.is_private or event.person.is_bot or event.person.identity == message_author)


def voice_counts(event: VoicePresent, person: Person) -> bool:
    """Whether somebody's time in a voice channel may earn: a person's, in a space."""
    return not (event.place.is_private or person.is_bot)
