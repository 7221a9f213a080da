"""Seasons: taken over from the config, told of, shown, and at their end frozen, paid and celebrated, each once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.boards.seasons import Season, SeasonState
from bot.calendar import first_instant, local_date
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.errors import UserError
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from bot.members.names import clean_text
from bot.replies import Audience, Button, Post, Reply, Rows, ToMember, ToSpace
from handlers.boards.showing import buttons_of, picture_of, stored_board
from handlers.boards.weekly import board
from handlers.call import Call
from handlers.scheduler import Run
from storage.schema import CLUB
from storage.transaction import Transaction

TOLD_AT = time(10, 0)
"""When groups hear of a season on its first day, and when it is closed on the day after its last one: at an hour at
which people may be written to."""
_DAY = timedelta(days=1)
_PRIZES_SHOWN = 10
_AT_ONCE = 500
_FEWEST_LISTED = 2
_NAMED = 5
_MORE = "more"


class NoSeason(UserError):
    """No such season, or none that has begun."""

    template = "no_season"


def note_seasons(config: Config, rules: RuleBook, tx: Transaction) -> None:
    """Take over the seasons of the config."""
    seasons = [Season.of(settings, rules[f"season:{settings.id}"]) for settings in config.season]
    tx.seasons.take_over(seasons, local_date(tx.now, tx.zone))


def next_season_close(tx: Transaction) -> datetime | None:
    """Return when the next season is closed, None where there is none."""
    ends = [season.ends for season in tx.seasons.all() if season.state is not SeasonState.CLOSED]
    return first_instant(min(ends) + _DAY, TOLD_AT, tx.zone) if ends else None


def next_season_opening(tx: Transaction) -> datetime | None:
    """Return when groups hear of the next season, or heard of one today, None where there is none."""
    today = local_date(tx.now, tx.zone)
    starts = [season.starts for season in tx.seasons.all() if season.starts >= today - _DAY]
    return first_instant(min(starts), TOLD_AT, tx.zone) if starts else None


def open_seasons(run: Run, tx: Transaction) -> None:
    """Tell every space of the seasons that began today, or yesterday where the bot was away then, and of the prizes."""
    today = local_date(run.occurrence.at, tx.zone)
    for season in tx.seasons.all():
        if today - _DAY <= season.starts <= today <= season.ends:
            for space in tx.spaces.active():
                key = f"season_opened:{season.id}:{space.id}"
                tx.post(Post(ToSpace(space.id), "season_opened", key, season_fields(season)))


def season_board(season_id: str | None, space_id: int, call: Call, tx: Transaction) -> Reply:
    """Show the season that runs, or the one named; one that is over as it ended."""
    begun = begun_by(call.today, tx)
    wanted = None if season_id is None else season_id.lower().removeprefix("season:")
    season = next((one for one in begun if wanted in (None, one.id)), None)
    if season is None:
        given = None if season_id is None else clean_text(season_id, 40)
        raise NoSeason(given=given, known=[one.id for one in begun[:_NAMED]], others=max(0, len(begun) - _NAMED))
    stored = None if season.state is SeasonState.OPEN else stored_board(space_id, season.period, tx)
    shown = stored or board(space_id, season.period, call.config.leaderboard.size, tx)
    fields = {"board": shown, "kind": "season", "is_past": stored is not None, **season_fields(season)}
    picture = picture_of(shown, "season", "leaderboard_short", season_fields(season))
    return Reply("leaderboard", fields, _buttons(season, space_id, call.today, tx), picture=picture)


def begun_by(today: date, tx: Transaction) -> list[Season]:
    """Return the seasons that have begun, those that end last first."""
    return [season for season in tx.seasons.all() if season.starts <= today]


def _buttons(season: Season, space_id: int, today: date, tx: Transaction) -> Rows:
    """Return the buttons under the board of a season: where there are others, also one that leads to them."""
    rows = buttons_of(space_id, season.period)
    if len(begun_by(today, tx)) < _FEWEST_LISTED:
        return rows
    return (*rows, (Button("seasons", "board.seasons", {"space": space_id}, audience=Audience.ANYONE),))


def season_fields(season: Season) -> Mapping[str, object]:
    """Return what templates say of a season."""
    prizes = [(place, *season.prize(place)) for place in range(1, season.last_place + 1)]
    return {
        "title": season.title,
        "starts": season.starts,
        "ends": season.ends,
        "prizes": prizes[:_PRIZES_SHOWN],
        "last_prize": season.last_place,
    }


def close_seasons(run: Run, tx: Transaction) -> str | None:
    """Freeze the first season that is over, or pay some of its prizes, or celebrate it."""
    today = local_date(run.occurrence.at, tx.zone)
    over = [one for one in tx.seasons.all() if one.ends < today and one.state is not SeasonState.CLOSED]
    if not over:
        return None
    season = over[-1]
    if season.state is SeasonState.OPEN:
        for space_id in (CLUB, *(space.id for space in tx.spaces.active())):
            ended = board(space_id, season.period, run.config.leaderboard.size, tx)
            tx.leaderboards.save(space_id, replace(ended, period=season.period.key))
        tx.seasons.save(replace(season, state=SeasonState.PAYING))
    elif not _pay_some(season, tx):
        _celebrate(season, tx)
        tx.seasons.save(replace(season, state=SeasonState.CLOSED))
    return _MORE


def _pay_some(season: Season, tx: Transaction) -> bool:
    """Pay those who come next, best first; return whether there were any."""
    found = tx.leaderboards.after(CLUB, season.period, season.last, _AT_ONCE)
    standings = tx.leaderboards.standings(CLUB, season.period, [member_id for member_id, _ in found])
    paid = [(standings[member_id].place, member_id) for member_id, _ in found]
    paid = [one for one in paid if one[0] <= season.last_place]
    for place, member_id in paid:
        _pay(season, place, member_id, tx)
    if paid:
        tx.seasons.save(replace(season, last=found[len(paid) - 1]))
    return bool(paid)


def _pay(season: Season, place: int, member_id: int, tx: Transaction) -> None:
    member = tx.members.by_id(member_id)
    points, status = season.prize(place)
    if member is None or not (points or status):
        return
    source = f"season:{season.id}:{member_id}"
    tx.ledger.post_many(
        [
            EntryDraft(
                unit=unit,
                points=amount,
                reason=Reason.SEASON,
                source=source,
                leg=leg,
                holder_id=member.holder_id,
                member_id=member_id,
                from_programme="issued:season",
                to_account=wallet(member.holder_id),
                occurred_at=tx.now,
                rule_version=season.rule_version,
            )
            for leg, (unit, amount) in enumerate(((Unit.POINTS, points), (Unit.STATUS, status)))
            if amount
        ]
    )
    fields = {"title": season.title, "place": place, "points": points, "status": status}
    tx.post(Post(ToMember(member_id), "season_prize", f"season_prize:{source}", fields))


def _celebrate(season: Season, tx: Transaction) -> None:
    """Tell every space who won, or that nobody took part."""
    shown = stored_board(CLUB, season.period, tx)
    assert shown is not None
    fields = {"board": shown, "kind": "season", **season_fields(season)}
    for space in tx.spaces.active():
        tx.post(
            Post(
                ToSpace(space.id),
                "season_over",
                f"season_over:{season.id}:{space.id}",
                fields,
                buttons=_buttons(season, CLUB, local_date(tx.now, tx.zone), tx) if shown.rows else (),
                picture=picture_of(shown, "season", "season_over_short", season_fields(season)),
            )
        )
