"""The checks of what is kept in step with the ledger: leaderboards, months, tiers, challenges and duels."""

from bot.boards.leaderboards import BITS, LEVELS
from bot.calendar import ALL
from bot.ledger.ledger import MOVES_LATER
from storage.boards.places import MOVED_UPTO
from storage.schema import CLUB
from storage.tiers.status_months import MONTHS_UPTO
from storage.verify.check import Check


def _status_held(kept: str, upto: str) -> str:
    """Return the query for whose status a table keeps otherwise than the balances do.

    What messages gave after the entry in the setting `upto` has not moved the table yet.
    """
    return f"""
        SELECT member_id, SUM(kept), SUM(computed) FROM (
            SELECT member_id, amount AS kept, 0 AS computed FROM {kept}
            UNION ALL
            SELECT holder.member_id, entry.points, 0 FROM entry
            JOIN holder ON holder.id = entry.holder_id
            WHERE entry.id > COALESCE((SELECT CAST(value AS BIGINT) FROM setting WHERE key = '{upto}'), 0)
              AND entry.reason = '{MOVES_LATER}' AND entry.unit = 'status'
            UNION ALL
            SELECT holder.member_id, 0, balance.amount FROM balance
            JOIN holder ON holder.id = balance.account_id / 4
            WHERE balance.unit = 'status' AND balance.account_id % 4 = 1
        ) AS both_sides GROUP BY member_id HAVING SUM(kept) <> SUM(computed)
        """  # noqa: S608


# What waits to move the standings counts as theirs.
_ALL_TIME = f"""(
    SELECT member_id, amount FROM standing WHERE space_id = {CLUB} AND period = '{ALL.key}'
    UNION ALL SELECT member_id, amount FROM waiting_gain
) AS ever"""  # noqa: S608
_STANDINGS = (
    Check(
        "standings",
        "member {0}: the all-time standing says {1}, the status held is {2}",
        _status_held(_ALL_TIME, MOVED_UPTO),
    ),
    Check(
        "standings",
        "space {0}, member {1}: all time {2}, the weeks {3}, the months {4}",
        """
        WITH totals AS (
            SELECT space_id, member_id,
                   SUM(CASE WHEN period = 'all' THEN amount ELSE 0 END) AS ever,
                   SUM(CASE WHEN period LIKE '____-W__' THEN amount ELSE 0 END) AS weeks,
                   SUM(CASE WHEN period LIKE '____-__' THEN amount ELSE 0 END) AS months
            FROM standing GROUP BY space_id, member_id
        )
        SELECT space_id, member_id, ever, weeks, months FROM totals WHERE ever <> weeks OR ever <> months
        """,
    ),
    Check(
        "buckets",
        "space {0}, {1}: bucket {3} of level {2} counts {4} members, below it are {5}",
        # Level 0 is counted in the standings, each further one in the level below it.
        f"""
        SELECT space_id, period, level, bucket, SUM(kept), SUM(computed) FROM (
            SELECT space_id, period, level, bucket, members AS kept, 0 AS computed FROM standing_bucket
            UNION ALL
            SELECT space_id, period, 0, amount, 0, 1 FROM standing WHERE is_listed = 1 AND amount > 0
            UNION ALL
            SELECT space_id, period, level + 1, bucket >> {BITS}, 0, members FROM standing_bucket
            WHERE level < {LEVELS - 1}
        ) AS both_sides GROUP BY space_id, period, level, bucket HAVING SUM(kept) <> SUM(computed)
        """,  # noqa: S608
    ),
    Check(
        "status months",
        "member {0}: the months say {1}, the status held is {2}",
        _status_held("status_month", MONTHS_UPTO),
    ),
    Check(
        "tiers",
        "member {0} holds a tier by the unknown rule version {1}",
        """
        SELECT tier_held.member_id, tier_held.rule_version FROM tier_held
        LEFT JOIN rule_version ON rule_version.id = tier_held.rule_version WHERE rule_version.id IS NULL
        """,
    ),
    Check(
        "challenges",
        "round {0}: it says that {1} members were paid, the ledger has {2}",
        # The source of what pays a member names round and member, with a colon before each.
        """
        SELECT round, SUM(kept), SUM(computed) FROM (
            SELECT CAST(id AS TEXT) AS round, paid AS kept, 0 AS computed FROM challenge_round
            UNION ALL
            SELECT RTRIM(RTRIM(SUBSTR(source, 11), '0123456789'), ':'), 0, 1
            FROM (SELECT DISTINCT source FROM entry WHERE reason = 'challenge' AND to_account > 0) AS paying
        ) AS both_sides GROUP BY round HAVING SUM(kept) <> SUM(computed)
        """,
    ),
)
_DUELS = (
    Check(
        "duels",
        "duel {0} says that its winner was paid, the ledger does not",
        """
        SELECT duel.id FROM duel LEFT JOIN entry ON entry.source = 'duel:' || duel.id
        WHERE duel.is_paid = 1 AND entry.id IS NULL
        """,
    ),
)
STANDING_CHECKS = (*_STANDINGS, *_DUELS)
