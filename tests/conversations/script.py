"""The conversation: join, chat, buy, bonus, balance, history and why, rank, weekly post, challenge; in both languages.

It begins on Sunday 2026-03-15 at 18:00 in Warsaw, the club has the challenge "say hello" (one day with a message,
20 points and 10 status points, every week from Monday 08:00), and nobody has joined.
"""

from datetime import UTC, datetime, timedelta

from tests.conversations.steps import GROUP, Chat, Press, Say, Seen, Step, Wait, Where

BEGIN = datetime(2026, 3, 15, 17, 0, tzinfo=UTC)
PEOPLE = ("olek", "ania", "bartek", "marta", "kasia")
CHALLENGE = {
    "id": "hello",
    "counts": "message_days",
    "goal": 1,
    "points": 20,
    "status": 10,
    "repeat": "weekly",
    "title": {"en": "Say hello", "pl": "Przywitaj się"},
}

Words = dict[str, str | tuple[str, ...]]
_ENGLISH: Words = {
    "welcome": "Welcome to Bywalec!",
    "accept": "Accept and join",
    "in": "You are in, {name}!",
    "here": "Here",
    "language": "English",
    "monday": "Mon",
    "save": "Save",
    "set": "All set.",
    "cashier": "Kasia: cashier in Klub.",
    "now_cashier": "You are now cashier in Klub.",
    "moderator": "Marta: moderator in Klub.",
    "opened": "New challenge: Say hello",
    "goal": "Goal: 1 day with a message. Reward: 20 points and 10 status points.",
    "bought": "Purchase R-1: Ania, PLN 49.90, +49 points, +49 status points.",
    "thanks": "Thank you for your purchase of PLN 49.90: +49 points, +49 status points.",
    "bonus": "Ania gets 22 points from Marta: for helping",
    "bonus_dm": "Marta gave you 22 points: for helping",
    "refused": "Only a moderator can do that.",
    "balance": ("Points: 22 points", "Pending: 69 points", "Status: 54 (+20 pending)", "Place this week: 1"),
    "one": ("Points: 0 points", "Pending: 20 points", "Status: 5 (+20 pending)", "Place this week: 2"),
    "history": (
        "Mon 16 Mar: bonus from Marta: for helping, +22 points",
        "Mon 16 Mar: purchase, +49 points (pending), +49 status points",
        "Mon 16 Mar: message, +5 status points",
    ),
    "where_from": "Where from?",
    "which": "Which entry?",
    "why": ("Purchase R-1 of 16 March 2026: PLN 49.90", "Recorded by Kasia", "Pending until 30 March 2026"),
    "rank": "Week 16–22 Mar 2026: place 1 of 2, 54 status points",
    "challenges": ("Say hello", "1/1 day with a message"),
    "closed": ("Challenge over: Say hello", "2 members made it"),
    "paid": "You did it: Say hello. Your reward: 20 points and 10 status points.",
    "weekly": ("Last week's leaderboard: 16–22 Mar 2026", "1. Ania 54", "2. Bartek 5", "2 members took part"),
    "after": ("Points: 62 points", "Pending: 49 points", "Status: 84"),
    "past": ("Leaderboard of the week: 16–22 Mar 2026", "1. Ania 54"),
}
_POLISH: Words = {
    "welcome": "Witaj w programie Bywalec!",
    "accept": "Akceptuję i dołączam",
    "in": "Już jesteś z nami, {name}!",
    "here": "Tutaj",
    "language": "Polski",
    "monday": "pn",
    "save": "Zapisz",
    "set": "Gotowe.",
    "cashier": "Kasia: kasjer w grupie Klub.",
    "now_cashier": "Masz teraz rolę kasjera w grupie Klub.",
    "moderator": "Marta: moderator w grupie Klub.",
    "opened": "Nowe wyzwanie: Przywitaj się",
    "goal": "Cel: 1 dzień z wiadomością. Nagroda: 20 punktów i 10 punktów statusu.",
    "bought": "Zakup R-1: Ania, 49,90 zł, +49 punktów, +49 punktów statusu.",
    "thanks": "Dziękujemy za zakupy na kwotę 49,90 zł: +49 punktów, +49 punktów statusu.",
    "bonus": "Ania dostaje 22 punkty premii. Przyznaje: Marta. Powód: for helping",
    "bonus_dm": "Dostajesz 22 punkty premii. Przyznaje: Marta. Powód: for helping",
    "refused": "Do tego potrzebna jest rola moderatora.",
    "balance": (
        "Punkty: 22 punkty",
        "Oczekujące: 69 punktów",
        "Status: 54 (oczekuje +20)",
        "Miejsce w tym tygodniu: 1",
    ),
    "one": ("Punkty: 0 punktów", "Oczekujące: 20 punktów", "Status: 5 (oczekuje +20)", "Miejsce w tym tygodniu: 2"),
    "history": (
        "pon. 16 marca: premia (Marta): for helping, +22 punkty",
        "pon. 16 marca: zakupy, +49 punktów (oczekuje), +49 punktów statusu",
        "pon. 16 marca: wiadomość, +5 punktów statusu",
    ),
    "where_from": "Skąd to?",
    "which": "Która pozycja?",
    "why": ("Zakup R-1 z 16 marca 2026: 49,90 zł", "Zarejestrowane przez: Kasia", "Oczekuje do 30 marca 2026"),
    "rank": "Tydzień 16–22 marca 2026: miejsce 1 z 2, 54 punkty statusu",
    "challenges": ("Przywitaj się", "1/1 dzień z wiadomością"),
    "closed": ("Koniec wyzwania: Przywitaj się", "2 osoby osiągnęły cel"),
    "paid": "Udało się: Przywitaj się. Twoja nagroda: 20 punktów i 10 punktów statusu.",
    "weekly": (
        "Ranking minionego tygodnia: 16–22 marca 2026",
        "1. Ania 54",
        "2. Bartek 5",
        "2 osoby wzięły udział",
    ),
    "after": ("Punkty: 62 punkty", "Oczekujące: 49 punktów", "Status: 84"),
    "past": ("Ranking tygodnia: 16–22 marca 2026", "1. Ania 54"),
}
WORDS = {"en": _ENGLISH, "pl": _POLISH}


class _Script:
    """The words of a language, as they are seen and pressed."""

    def __init__(self, language: str) -> None:
        self._words = WORDS[language]

    def seen(self, by: str, key: str, **fields: str) -> Seen:
        texts = self._words[key]
        return Seen(by, tuple(text.format(**fields) for text in ((texts,) if isinstance(texts, str) else texts)))

    def label(self, key: str) -> str:
        return str(self._words[key])


def joining(language: str) -> list[Step]:
    """Return the steps by which everybody joins and the group is set up."""
    words = _Script(language)
    seen, label = words.seen, words.label
    steps: list[Step] = []
    for name in PEOPLE:
        steps.append(Step(Say(name, "start"), (seen(name, "welcome"),)))
        steps.append(Step(Press(name, label("accept")), (seen(name, "in", name=name.capitalize()),)))
    steps.append(Step(Say("olek", "setup", where=Where.GROUP)))
    steps += [Step(Press("olek", label(key), Where.GROUP)) for key in ("here", "language", "monday")]
    steps.append(Step(Press("olek", "09:00", Where.GROUP)))
    steps.append(Step(Press("olek", label("save"), Where.GROUP), (seen(GROUP, "set"),)))
    return steps


def script(language: str) -> list[Step]:
    """Return the steps with what is seen in a language."""
    words = _Script(language)
    seen, label = words.seen, words.label
    steps = joining(language)
    grant = Say("olek", "role", {"member": "kasia", "role": "cashier"}, Where.GROUP)
    steps.append(Step(grant, (seen("olek", "cashier"), seen("kasia", "now_cashier"))))
    grant = Say("olek", "role", {"member": "marta", "role": "moderator"}, Where.GROUP)
    steps.append(Step(grant, (seen("olek", "moderator"),)))
    steps.append(Step(Wait(timedelta(hours=16)), (seen(GROUP, "opened"), seen(GROUP, "goal"))))
    steps.append(Step(Chat("ania")))
    steps.append(Step(Chat("bartek")))
    buy = Say("kasia", "purchase", {"member": "ania", "amount": "49,90", "receipt": "R-1"}, Where.GROUP)
    steps.append(Step(buy, (seen("kasia", "bought"), seen("ania", "thanks"))))
    bonus = Say("marta", "bonus", {"to": "ania", "points": "22", "reason": "for helping"}, Where.GROUP)
    steps.append(Step(bonus, (seen(GROUP, "bonus"), seen("ania", "bonus_dm"))))
    stolen = Say("bartek", "bonus", {"to": "ania", "points": "22", "reason": "for nothing"}, Where.GROUP)
    steps.append(Step(stolen, (seen("bartek", "refused"),)))
    steps.append(Step(Say("ania", "balance"), (seen("ania", "balance"),)))
    steps.append(Step(Say("bartek", "balance"), (seen("bartek", "one"),)))
    steps.append(Step(Say("ania", "history"), (seen("ania", "history"),)))
    steps.append(Step(Press("ania", label("where_from")), (seen("ania", "which"),)))
    steps.append(Step(Press("ania", "#", nth=2), (seen("ania", "why"),)))
    steps.append(Step(Say("ania", "rank"), (seen("ania", "rank"),)))
    steps.append(Step(Say("ania", "challenges"), (seen("ania", "challenges"),)))
    steps.append(Step(Wait(timedelta(days=7)), (seen(GROUP, "closed"), seen(GROUP, "weekly"), seen("ania", "paid"))))
    steps.append(Step(Say("ania", "balance"), (seen("ania", "after"),)))
    past = Say("ania", "leaderboard", {"view": "week", "when": "2026-W12"}, Where.GROUP)
    steps.append(Step(past, (seen(GROUP, "past"),)))
    return steps
