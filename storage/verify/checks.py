"""The checks that are one query each, in SQL that both databases understand.

Where two things must agree, their rows are put together, one counted here and one there, and grouped by what they
share: one sort and no join, so that a million rows need no memory.
"""

from dataclasses import dataclass

from bot.boards.leaderboards import BITS, LEVELS
from bot.calendar import ALL
from bot.ledger.ledger import MAX_POINTS, MOVES_LATER
from storage.boards.places import MOVED_UPTO
from storage.schema import CLUB
from storage.tiers.status_months import MONTHS_UPTO

MOVES = """(
    SELECT to_account AS account_id, unit, points AS amount FROM entry
    UNION ALL SELECT from_account, unit, -points FROM entry
) AS moves"""


@dataclass(frozen=True, slots=True)
class Check:
    """A query whose every row is a problem, and the sentence that says so of a row."""

    kind: str
    sentence: str
    query: str


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


_LEDGER = (
    Check(
        "balances",
        "account {0}, {1}: the balance says {2}, the entries say {3}",
        """
        SELECT account_id, unit, SUM(kept), SUM(computed) FROM (
            SELECT account_id, unit, amount AS kept, 0 AS computed FROM balance
            UNION ALL SELECT to_account, unit, 0, points FROM entry WHERE to_account > 0
            UNION ALL SELECT from_account, unit, 0, -points FROM entry WHERE from_account > 0
        ) AS both_sides GROUP BY account_id, unit HAVING SUM(kept) <> SUM(computed)
        """,
    ),
    Check(
        "sources",
        "source {0} leg {1} was written {2} times",
        "SELECT source, leg, COUNT(*) FROM entry GROUP BY source, leg HAVING COUNT(*) > 1",
    ),
    Check(
        "entries",
        "entry {0} moves {1} {2} from account {3} to {4}",
        f"""
        SELECT id, points, unit, from_account, to_account FROM entry
        WHERE points NOT BETWEEN 1 AND {MAX_POINTS} OR unit NOT IN ('points', 'status') OR from_account = to_account
        """,  # noqa: S608
    ),
    Check(
        "accounts",
        "entry {0} names account {1}, which does not exist",
        """
        SELECT entry.id, entry.from_account FROM entry LEFT JOIN account ON account.id = entry.from_account
        WHERE entry.from_account <= 0 AND account.id IS NULL
        UNION ALL
        SELECT entry.id, entry.to_account FROM entry LEFT JOIN account ON account.id = entry.to_account
        WHERE entry.to_account <= 0 AND account.id IS NULL
        """,
    ),
    Check(
        "holders",
        "entry {0} moves points of another holder: account {1}, holder {2}",
        """
        SELECT id, from_account, holder_id FROM entry WHERE from_account > 0 AND from_account / 4 <> holder_id
        UNION ALL SELECT id, to_account, holder_id FROM entry WHERE to_account > 0 AND to_account / 4 <> holder_id
        """,
    ),
    Check(
        "reversals",
        "entry {0} reverses entry {1} but is not its mirror",
        """
        SELECT entry.id, original.id FROM entry JOIN entry AS original ON original.id = entry.reverses
        WHERE entry.points <> original.points OR entry.unit <> original.unit
           OR entry.from_account <> original.to_account OR entry.to_account <> original.from_account
        """,
    ),
    Check(
        "reversals",
        "entry {0} is reversed {1} times",
        "SELECT reverses, COUNT(*) FROM entry WHERE reverses IS NOT NULL GROUP BY reverses HAVING COUNT(*) > 1",
    ),
    Check(
        "debts",
        "account {0}, {1}: entry {2} left {3} and is no clawback",
        """
        SELECT account_id, unit, id, amount FROM (
            SELECT account_id, unit, id, may_owe,
                   SUM(change) OVER (PARTITION BY account_id, unit ORDER BY id ROWS UNBOUNDED PRECEDING) AS amount
            FROM (
                SELECT to_account AS account_id, unit, id, 1 AS may_owe, points AS change
                FROM entry WHERE to_account > 0
                UNION ALL
                SELECT from_account, unit, id, CASE reason WHEN 'clawback' THEN 1 ELSE 0 END, -points
                FROM entry WHERE from_account > 0
            ) AS both_sides
        ) AS history WHERE amount < 0 AND may_owe = 0
        """,
    ),
    Check(
        "holds",
        "account {0}, {1}: {2} held, but what is reserved and not settled is {3}",
        """
        SELECT account_id, unit, SUM(kept), SUM(computed) FROM (
            SELECT account_id, unit, amount AS kept, 0 AS computed FROM balance WHERE account_id % 4 = 3
            UNION ALL
            SELECT hold.to_account, hold.unit, 0, hold.points FROM entry AS hold
            WHERE hold.to_account > 0 AND hold.to_account % 4 = 3
              AND NOT EXISTS (SELECT 1 FROM entry WHERE source = 'settle:' || hold.source AND leg = hold.leg)
        ) AS both_sides GROUP BY account_id, unit HAVING SUM(kept) <> SUM(computed)
        """,
    ),
    Check(
        "rule versions",
        "entry {0} names the unknown rule version {1}",
        """
        SELECT entry.id, entry.rule_version FROM entry LEFT JOIN rule_version ON rule_version.id = entry.rule_version
        WHERE entry.rule_version IS NOT NULL AND rule_version.id IS NULL
        """,
    ),
)
_COUPONS = (
    Check(
        "coupons",
        "coupon {0} is {1} and cost {2}, but {3} was held for it, {4} used and {5} given back",
        """
        SELECT MAX(coupon_id), MAX(state), SUM(cost), SUM(held), SUM(used), SUM(released) FROM (
            SELECT source, id AS coupon_id, state, cost, 0 AS held, 0 AS used, 0 AS released FROM coupon
            UNION ALL SELECT source, NULL, NULL, 0, points, 0, 0 FROM entry WHERE reason = 'hold'
            UNION ALL SELECT SUBSTR(source, 8), NULL, NULL, 0, 0, points, 0 FROM entry WHERE reason = 'redeem'
            UNION ALL SELECT SUBSTR(source, 8), NULL, NULL, 0, 0, 0, points FROM entry WHERE reason = 'release'
        ) AS both_sides GROUP BY source
        HAVING MAX(coupon_id) IS NOT NULL AND (
            SUM(held) <> SUM(cost)
            OR SUM(used) <> CASE WHEN MAX(state) = 'used' OR (MAX(state) = 'expired' AND SUM(used) > 0)
                            THEN SUM(cost) ELSE 0 END
            OR SUM(released) <> CASE WHEN MAX(state) = 'cancelled' OR (MAX(state) = 'expired' AND SUM(used) = 0)
                                THEN SUM(cost) ELSE 0 END
        )
        """,
    ),
)
_GIFTS = (
    Check(
        "gifts",
        "gift {0} of {1} points took {2} from the giver and gave {3}",
        """
        SELECT source, SUM(points), SUM(taken), SUM(given) FROM (
            SELECT source, points, 0 AS taken, 0 AS given FROM gift
            UNION ALL SELECT source, 0, points, 0 FROM entry WHERE reason = 'gift'
            UNION ALL SELECT source, 0, 0, points FROM entry WHERE reason = 'gifted'
        ) AS both_sides GROUP BY source HAVING SUM(points) <> SUM(taken) OR SUM(points) <> SUM(given)
        """,
    ),
)
_STAMPS = (
    Check(
        "stamps",
        "stamp card {0} takes {1} and has {2}, and became {3} coupons",
        """
        SELECT card_id, SUM(goal), SUM(stamps), SUM(coupons) FROM (
            SELECT id AS card_id, goal, 0 AS stamps, CASE WHEN coupon_id IS NULL THEN 0 ELSE 1 END AS coupons
            FROM stamp_card
            UNION ALL SELECT card_id, 0, 1, 0 FROM stamp
        ) AS both_sides GROUP BY card_id
        HAVING SUM(stamps) > SUM(goal) OR SUM(coupons) <> CASE WHEN SUM(stamps) = SUM(goal) THEN 1 ELSE 0 END
        """,
    ),
)
_LOTS = (
    Check(
        "lots",
        "account {0}, {1}: {2} is in it, but its lots hold {3}",
        """
        SELECT account_id, unit, SUM(kept), SUM(computed) FROM (
            SELECT account_id, unit, amount AS kept, 0 AS computed FROM balance
            WHERE account_id % 4 = 2 OR (account_id % 4 = 1 AND unit = 'points' AND amount > 0)
            UNION ALL SELECT account_id, unit, 0, remaining FROM lot
        ) AS both_sides GROUP BY account_id, unit HAVING SUM(kept) <> SUM(computed)
        """,
    ),
    Check(
        "lots",
        "lot {0} has {1} left, but its uses leave {2}",
        """
        SELECT lot_id, SUM(kept), SUM(computed) FROM (
            SELECT id AS lot_id, remaining AS kept, points AS computed FROM lot
            UNION ALL SELECT lot_id, 0, -points FROM lot_use
        ) AS both_sides GROUP BY lot_id HAVING SUM(kept) <> SUM(computed)
        """,
    ),
    Check(
        "lots",
        "lot {0} is not what entry {1} credited",
        """
        SELECT lot.id, entry.id FROM lot JOIN entry ON entry.id = lot.entry_id
        WHERE lot.account_id <> entry.to_account OR lot.holder_id <> entry.holder_id OR lot.unit <> entry.unit
           OR lot.points > entry.points OR lot.remaining < 0 OR lot.remaining > lot.points
        """,
    ),
    Check(
        "lots",
        "entry {1} cannot have used {2} of lot {0}",
        """
        SELECT lot.id, entry.id, lot_use.points FROM lot_use
        JOIN lot ON lot.id = lot_use.lot_id JOIN entry ON entry.id = lot_use.entry_id
        WHERE lot.unit <> entry.unit OR ABS(lot_use.points) > entry.points
           OR lot.account_id <> CASE WHEN lot_use.points > 0 THEN entry.from_account ELSE entry.to_account END
        """,
    ),
    Check(
        "lots",
        "entry {0} took {1} and used {2} of lots",
        # What a clawback took beyond them is owed. Status in a wallet has no lots.
        """
        SELECT entry_id, SUM(taken), SUM(used) FROM (
            SELECT id AS entry_id, points AS taken, 0 AS used, CASE reason WHEN 'clawback' THEN 1 ELSE 0 END AS may_owe
            FROM entry
            WHERE from_account > 0 AND (from_account % 4 = 2 OR (from_account % 4 = 1 AND unit = 'points'))
            UNION ALL SELECT entry_id, 0, points, 0 FROM lot_use WHERE points > 0
        ) AS both_sides GROUP BY entry_id
        HAVING SUM(used) > SUM(taken) OR (SUM(used) < SUM(taken) AND SUM(may_owe) = 0)
        """,
    ),
)
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
CHECKS = (*_LEDGER, *_COUPONS, *_GIFTS, *_STAMPS, *_LOTS, *_STANDINGS, *_DUELS)
