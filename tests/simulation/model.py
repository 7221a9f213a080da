"""What the club should hold: an independent reckoning in plain Python, without a line of the code it judges."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush

from bot.config.config import Config
from bot.events import MessagePosted, Participation, PresenceChanged, ReactionChanged
from tests.simulation.accounts import Account, Award, PendingLot, Presence, Reacted
from tests.simulation.books import Books


class Model(Books):
    """Members' accounts, boards and challenges. `touched` collects whose amounts may have changed."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._authors: dict[str, str] = {}
        self._wrote: list[tuple[datetime, str]] = []
        self._windows: set[tuple[str, int, int]] = set()
        self._counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._reactions: dict[tuple[str, str], Reacted] = {}
        self._remembered: set[str] = set()

    # Coming and going ---------------------------------------------------------------------------------------------

    def acts(self, name: str, space: int | None, now: datetime, at: datetime) -> None:
        """A member who does something in a space is in it, unless they have left it since."""
        account = self.active(name)
        if account is None or space is None:
            return
        presence = account.spaces.get(space)
        if presence is None or presence.left_at is None or presence.left_at < at:
            self._enter(account, space, min(at, now))

    def writes_in_private(self, name: str) -> None:
        """Whoever writes to the bot can be written to again, also one who left and may be back."""
        account = self.people.get(name)
        if account is not None:
            account.is_reachable = True

    def join(self, name: str, space: int | None, now: datetime, at: datetime) -> None:
        """Someone accepts the rules, for the first time or again, at an instant by the platform's clock."""
        account, joined_at = self.people.get(name), min(at, now)
        if account is None:
            account = self.people[name] = Account(name, joined_at)
        elif account.is_active:
            return
        account.is_active, account.joined_at = True, joined_at
        if space is not None:
            self._enter(account, space, joined_at)
        self.touched.add(name)

    def leave(self, name: str) -> None:
        """Someone ends their membership; their points stay."""
        self.people[name].is_active = False
        self.touched.add(name)

    def hide(self, name: str, *, is_hidden: bool) -> None:
        """Someone goes off the public boards or on them again."""
        self.people[name].is_hidden = is_hidden
        self.touched.add(name)

    def presence(self, event: PresenceChanged, name: str, space: int, now: datetime) -> None:
        """Someone came to a space or left it; told twice, it counts once."""
        account = self.people.get(name)
        if account is None or not account.had_joined(event.at) or event.key in self._remembered:
            return
        self._remembered.add(event.key)
        if event.is_present:
            if account.is_active:
                self._enter(account, space, min(event.at, now))
            return
        presence = account.spaces.get(space)
        if presence is not None and presence.left_at is None:
            presence.left_at = event.at
            self._take_back_join(account, space)

    def _enter(self, account: Account, space: int, at: datetime) -> None:
        presence = account.spaces.get(space)
        if presence is not None:
            presence.left_at = None
            return
        account.spaces[space] = Presence(at)
        rule = self.earning.join
        ripens_at = at + timedelta(days=rule.pending_days)
        for unit, amount in (("points", rule.points), ("status", rule.status)):
            account.pending.append(PendingLot(f"join:{space}", unit, amount, amount, ripens_at, (space,)))
        self.next_ripening.add(ripens_at)
        self.touched.add(account.name)

    def _take_back_join(self, account: Account, space: int) -> None:
        account.pending = [
            lot for lot in account.pending if lot.source != f"join:{space}" or lot.left != lot.awarded
        ]  # fmt: skip
        self.touched.add(account.name)

    # Taking part --------------------------------------------------------------------------------------------------

    def take_part(self, batch: Sequence[Participation], now: datetime) -> None:
        """Messages of a batch first, then what challenges make of them, then its reactions."""
        messages = [event for event in batch if isinstance(event, MessagePosted)]
        # Who was not there is since the first of what was heard.
        for message in messages:
            account = self._writer(message)
            if account is not None:
                self.acts(account.name, self._space_of(message), now, message.at)
        counting = [event for event in messages if self._message(event, now)]
        for message in counting:
            day = self.calendar.day(message.at).isoformat()
            self._mark("message_days", str(message.person.identity), message.at, day, now)
        for event in batch:
            if isinstance(event, ReactionChanged):
                self._reaction(event, now)

    def _writer(self, event: MessagePosted) -> Account | None:
        account = self.active(str(event.person.identity))
        return account if account is not None and account.had_joined(event.at) else None

    def _message(self, event: MessagePosted, now: datetime) -> bool:
        """Award a message; return whether it is one that challenges may count."""
        account, rule = self._writer(event), self.earning.message
        if account is None:
            return False
        name, space = account.name, self._space_of(event)
        if event.message_id not in self._authors:
            self._authors[event.message_id] = name
            heappush(self._wrote, (event.at, event.message_id))
        if event.length is not None and event.length < rule.minimum_length:
            return False
        window = (name, space, int(event.at.timestamp()) // rule.cooldown_s)
        day = self.calendar.day(event.at).isoformat()
        if window not in self._windows and self._counts[f"message:{name}", day] < rule.daily_cap:
            self._windows.add(window)
            self._counts[f"message:{name}", day] += 1
            # It counts as what the platform dates, but nothing has happened later than now.
            self._credit(account, rule.points, "message", min(event.at, now), now)
            self._status(account, (space,), min(event.at, now), rule.status)
        return True

    def _reaction(self, event: ReactionChanged, now: datetime) -> None:
        reactor = str(event.person.identity)
        reacting, author = self.active(reactor), self._author(event.message_id, reactor)
        if reacting is None or not reacting.had_joined(event.at) or event.key in self._remembered:
            return
        if author is None or author == reactor or self.active(author) is None:
            return
        self._remembered.add(event.key)
        state = self._reactions.setdefault((event.message_id, reactor), Reacted(author))
        at = min(event.at, now)
        before, state.emojis = state.emojis, (state.emojis - event.removed) | event.added
        mark = f"{event.message_id}:{reactor}"
        if state.emojis and not before:
            state.award = self._award_reaction(event, at, reactor, author, now)
            state.given = self._award_reactor(event, at, reactor, author)
            if state.award is not None:
                self._mark("reactions_received", author, at, mark, now)
        elif before and not state.emojis:
            if state.award is not None:
                self._take_back_reaction(state.award, reactor, author)
                state.award = None
            if state.given is not None:
                self._take_back_given(state.given, reactor, author)
                state.given = None
            self.rounds.unmark("reactions_received", author, mark)

    def _author(self, message_id: str, reactor: str) -> str | None:
        """Return who wrote a message; once it is forgotten, a reaction that stands still says it."""
        if message_id in self._authors:
            return self._authors[message_id]
        state = self._reactions.get((message_id, reactor))
        return state.author if state is not None and state.emojis else None

    def _award_reaction(
        self, event: ReactionChanged, at: datetime, reactor: str, author: str, now: datetime
    ) -> Award | None:
        rule, day = self.earning.reaction, self.calendar.day(at).isoformat()
        of_pair, of_author = (f"reaction:{reactor}:{author}", day), (f"reaction:{author}", day)
        if self._counts[of_pair] >= rule.daily_pair_cap or self._counts[of_author] >= rule.daily_cap:
            return None
        for counting in (of_pair, of_author):
            self._counts[counting] += 1
        award = Award(f"reaction {event.key}", at, day, self._space_of(event))
        self._credit(self.people[author], rule.points, award.source, at, now)
        self._status(self.people[author], (award.scope,), at, rule.status)
        return award

    def _take_back_reaction(self, award: Award, reactor: str, author: str) -> None:
        for counting in (f"reaction:{reactor}:{author}", f"reaction:{author}"):
            self._counts[counting, award.day] -= 1
        if not self.people[author].expired[award.source]:
            self.people[author].debit(self.earning.reaction.points, award.source)
        self._status(self.people[author], (award.scope,), award.at, -self.earning.reaction.status)

    def _award_reactor(self, event: ReactionChanged, at: datetime, reactor: str, author: str) -> Award | None:
        rule, day = self.earning.reaction, self.calendar.day(at).isoformat()
        of_pair, of_reactor = (f"reacted:{reactor}:{author}", day), (f"reacted:{reactor}", day)
        if self._counts[of_pair] >= rule.daily_pair_cap or self._counts[of_reactor] >= rule.given_daily_cap:
            return None
        for counting in (of_pair, of_reactor):
            self._counts[counting] += 1
        award = Award(f"reacted {event.key}", at, day, self._space_of(event))
        self._status(self.people[reactor], (award.scope,), at, rule.given_status)
        return award

    def _take_back_given(self, award: Award, reactor: str, author: str) -> None:
        for counting in (f"reacted:{reactor}:{author}", f"reacted:{reactor}"):
            self._counts[counting, award.day] -= 1
        self._status(self.people[reactor], (award.scope,), award.at, -self.earning.reaction.given_status)

    def _space_of(self, event: Participation) -> int:
        assert event.place.space is not None
        return self.spaces[event.place.space.space_id]

    # Time ---------------------------------------------------------------------------------------------------------

    def run_due(self, now: datetime) -> None:
        """Do what the timetable says, in order of time."""
        needed = {
            "ripen": self.next_ripening.by(now),
            "expire": self.next_expiry.by(now),
            "expire_coupons": self.next_over.by(now),
            "remind_of_coupons": self.next_reminder.by(now),
            "close_rounds": self.rounds.next_close(),
        }
        for job, at in self.rounds.due(now, needed):
            if job == "ripen":
                self._ripen(now)
            elif job == "expire":
                self._expire(now)
            elif job == "expire_coupons":
                self.expire_coupons(now)
            elif job == "remind_of_coupons":
                self.remind_of_coupons(now)
            elif job == "forget":
                self.forget_questions(now)
                self._forget_authors(now - timedelta(days=self.config.privacy.keep_message_authors_days))
            elif job in ("close_week", "close_month"):
                before = at - timedelta(days=1)
                period = self.calendar.week(before) if job == "close_week" else self.calendar.month(before)
                size = self.config.leaderboard.size
                self.standings.close(period, self.spaces.values(), size, lambda name: self.people[name].is_listed)
            else:
                self._pay_closed(now)
                if job != "close_rounds":
                    self.rounds.open(job, at, now)

    def _forget_authors(self, before: datetime) -> None:
        while self._wrote and self._wrote[0][0] < before:
            del self._authors[heappop(self._wrote)[1]]

    def _ripen(self, now: datetime) -> None:
        for account in self.people.values():
            ripe = sorted((lot for lot in account.pending if lot.ripens_at <= now), key=lambda lot: lot.ripens_at)
            if not ripe:
                continue
            account.pending = [lot for lot in account.pending if lot.ripens_at > now]
            for lot in ripe:
                if lot.unit == "points":
                    self._credit(account, lot.left, lot.source, lot.ripens_at, now)
                else:
                    self._status(account, lot.scopes, lot.ripens_at, lot.left)
            self.touched.add(account.name)

    def _expire(self, now: datetime) -> None:
        for account in self.people.values():
            soonest = account.next_expiry
            if soonest is None or soonest > now:
                continue
            gone = [lot for lot in account.lots if lot.expires_at <= now]
            account.lots = [lot for lot in account.lots if lot.expires_at > now]
            account.points -= sum(lot.left for lot in gone)
            self.touched.add(account.name)
            self.told["expired"] += account.is_told
            for lot in gone:
                account.expired[lot.source] += lot.left
                lot.left = 0

    def _pay_closed(self, now: datetime) -> None:
        for closed in self.rounds.close(now):
            goal = self.rounds.terms(closed.challenge).goal
            for name in [name for name, marks in closed.marks.items() if len(marks) >= goal]:
                if self.people[name].is_active and name not in closed.paid:
                    closed.paid.add(name)
                    self._pay(closed.challenge, name, now)
