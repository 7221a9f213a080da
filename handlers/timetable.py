"""The timetable: every scheduled job, in the order in which jobs of one instant run."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta

from bot.calendar import Daily, Hourly, Monthly, Occurrence, Schedule, Weekly, occurrences
from bot.challenges.badges import by_activity
from bot.config.config import Config
from bot.members.members import Space
from handlers.badges.scheduled import (
    award_activity,
    award_seasons,
    award_winners,
    award_years,
    first_season,
    first_year_over,
)
from handlers.boards.posting import board_jobs
from handlers.boards.seasons import TOLD_AT, close_seasons, next_season_close, next_season_opening, open_seasons
from handlers.boards.weekly import close_month, close_week, post_leaderboard
from handlers.challenges.celebrating import celebrating_job
from handlers.challenges.reminding import reminding_jobs
from handlers.challenges.rounds import challenge_jobs, close_rounds, next_close
from handlers.coupons.expiry import MORNING, expire_coupons, remind_of_coupons
from handlers.duels.settling import duel_jobs
from handlers.operating.backups import ask_for_backup, makes_backups
from handlers.operating.retention import forget
from handlers.points.expiring import expire, expiry_warnings
from handlers.points.ripening import ripen
from handlers.points.sealing import seal
from handlers.quizzes.asking import quiz_job
from handlers.referrals.ambassadors import tell_ambassadors
from handlers.referrals.reviewing import first_review, tell_of_reviews
from handlers.referrals.rewarding import look_at_open, until_looked_at
from handlers.rewards.accesses import close_accesses
from handlers.scheduler import CatchUp, Due, Job, Work
from handlers.shops.nights import ask_for_shops, shops_read_back
from handlers.spaces.digest import DIGEST_AT, digest_needed, post_digests
from handlers.tiers.marking import mark_jobs
from handlers.tiers.periods import tier_jobs
from storage.transaction import Transaction


def _coupon_jobs(config: Config, on: Callable[[Schedule], Due]) -> list[Job]:
    midnight, days = Daily(time(0, 0)), config.coupons.remind_days_before

    def first_reminder(tx: Transaction) -> datetime | None:
        expires_at = tx.coupons.next_to_remind()
        return None if expires_at is None else expires_at - timedelta(days=days)

    expiry = Job(
        "expire_coupons", on(midnight), expire_coupons, CatchUp.EVERY, needed_from=lambda tx: tx.coupons.next_expiry()
    )
    reminders = Job("remind_of_coupons", on(MORNING), remind_of_coupons, CatchUp.LATEST, needed_from=first_reminder)
    access = Job(
        "end_access", on(midnight), close_accesses, CatchUp.EVERY, needed_from=lambda tx: tx.accesses.next_end()
    )
    return [expiry, access, reminders] if days else [expiry, access]


def build_jobs(config: Config) -> list[Job]:
    """Return every job under this config."""
    zone = config.programme.zone

    def on(schedule: Schedule) -> Due:
        return lambda after, until, _: occurrences(schedule, zone, after, until)

    def on_day_of_space(after: datetime, until: datetime, space: Space | None) -> Iterable[Occurrence]:
        assert space is not None
        return occurrences(Weekly(space.weekday, space.post_time), zone, after, until)

    def nightly(name: str, at: time, work: Work, *, is_wanted: bool) -> list[Job]:
        return [Job(name, on(Daily(at)), work, CatchUp.LATEST)] if is_wanted else []

    backup_at = time.fromisoformat(config.backup.at)
    fresh_for = timedelta(hours=config.leaderboard.fresh_for_hours)
    return [
        Job("ripen", on(Hourly(0)), ripen, CatchUp.EVERY, needed_from=lambda tx: tx.lots.next_ripening()),
        Job("expire", on(Daily(time(0, 0))), expire, CatchUp.EVERY, needed_from=lambda tx: tx.lots.next_expiry()),
        *expiry_warnings(config.programme),
        *_coupon_jobs(config, on),
        Job("close_week", on(Weekly(0, time(0, 0))), close_week, CatchUp.EVERY),
        Job("close_month", on(Monthly(1, time(0, 0))), close_month, CatchUp.EVERY),
        *board_jobs(config),
        celebrating_job(),
        quiz_job(),
        Job("open_seasons", on(Daily(TOLD_AT)), open_seasons, CatchUp.LATEST, needed_from=next_season_opening),
        Job("close_seasons", on(Daily(TOLD_AT)), close_seasons, CatchUp.EVERY, needed_from=next_season_close),
        Job("award_winners", on(Weekly(0, time(0, 0))), award_winners, CatchUp.EVERY),
        Job("award_seasons", on(Daily(TOLD_AT)), award_seasons, CatchUp.EVERY, needed_from=first_season),
        Job("award_years", on(Daily(time(10, 0))), award_years, CatchUp.LATEST, needed_from=first_year_over),
        *(
            [Job("award_activity", on(Daily(time(10, 0))), award_activity, CatchUp.EVERY)]
            if by_activity(config.badge)
            else []
        ),
        Job("look_at_referrals", on(Daily(time(9, 0))), look_at_open, CatchUp.LATEST, needed_from=until_looked_at),
        Job("tell_of_reviews", on(Daily(time(10, 0))), tell_of_reviews, CatchUp.LATEST, needed_from=first_review),
        Job("tell_ambassadors", on(Monthly(1, time(10, 0))), tell_ambassadors, CatchUp.LATEST, timedelta(days=7)),
        *challenge_jobs(config),
        *tier_jobs(config),
        *mark_jobs(config),
        Job("close_rounds", on(Hourly(0)), close_rounds, CatchUp.LATEST, needed_from=next_close),
        *reminding_jobs(config),
        *duel_jobs(config),
        Job("post_leaderboard", on_day_of_space, post_leaderboard, CatchUp.LATEST, fresh_for, per_space=True),
        Job("digest", on(Daily(DIGEST_AT)), post_digests, CatchUp.EVERY, needed_from=digest_needed),
        Job("forget", on(Daily(time(3, 30))), forget, CatchUp.LATEST),
        Job("seal", on(Daily(time(4, 0))), seal, CatchUp.LATEST),
        *nightly("backup", backup_at, ask_for_backup, is_wanted=makes_backups(config)),
        *nightly("read_shops", time(4, 30), ask_for_shops, is_wanted=bool(shops_read_back(config))),
    ]
