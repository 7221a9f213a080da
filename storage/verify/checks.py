"""The checks that are one query each, in SQL that both databases understand.

Where two things must agree, their rows are put together, one counted here and one there, and grouped by what they
share: one sort and no join, so that a million rows need no memory.
"""

from bot.ledger.ledger import MAX_POINTS
from storage.verify.check import Check
from storage.verify.standing_checks import STANDING_CHECKS

MOVES = """(
    SELECT to_account AS account_id, unit, points AS amount FROM entry
    UNION ALL SELECT from_account, unit, -points FROM entry
) AS moves"""
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
    Check(
        "coupons",
        "{1} points were held for a coupon that is not there: {0}",
        """
        SELECT source, SUM(held) FROM (
            SELECT source, 1 AS coupons, 0 AS held FROM coupon
            UNION ALL SELECT source, 0, points FROM entry WHERE reason = 'hold'
        ) AS both_sides GROUP BY source HAVING SUM(coupons) = 0
        """,
    ),
)
_PURCHASES = (
    Check(
        "purchases",
        "purchase {0} says that it brought {1} and {2} status, the entries say {3} and {4}",
        # A refund leaves what had expired by then; the source of each entry names the purchase and its version.
        """
        WITH differing AS (
            SELECT source, MAX(purchase_id) AS purchase_id, MAX(holder_id) AS holder_id, SUM(points) AS points,
                   SUM(status) AS status, SUM(given) AS given, SUM(gained) AS gained
            FROM (
                SELECT 'shop:' || shop || ':' || id || ':v' AS source, id AS purchase_id, holder_id, points, status,
                       0 AS given, 0 AS gained
                FROM purchase
                UNION ALL
                SELECT RTRIM(source, '0123456789'), NULL, NULL, 0, 0,
                       CASE unit WHEN 'points' THEN points ELSE 0 END * CASE WHEN from_account < 0 THEN 1 ELSE -1 END,
                       CASE unit WHEN 'status' THEN points ELSE 0 END * CASE WHEN from_account < 0 THEN 1 ELSE -1 END
                FROM entry WHERE source LIKE 'shop:%'
            ) AS both_sides GROUP BY source
            HAVING MAX(purchase_id) IS NOT NULL AND (SUM(points) <> SUM(given) OR SUM(status) <> SUM(gained))
        )
        SELECT purchase_id, points, status, given, gained FROM differing
        WHERE status <> gained OR points > given OR given - points > (
            SELECT COALESCE(SUM(lot_use.points), 0) FROM lot_use
            JOIN entry AS expiring ON expiring.id = lot_use.entry_id AND expiring.reason = 'expire'
            WHERE lot_use.lot_id IN (
                SELECT ripe.id FROM entry AS award
                JOIN lot ON lot.entry_id = award.id
                LEFT JOIN lot_use AS ripening ON ripening.lot_id = lot.id
                JOIN lot AS ripe ON ripe.entry_id IN (award.id, ripening.entry_id)
                WHERE award.holder_id = differing.holder_id AND award.unit = 'points'
                  AND RTRIM(award.source, '0123456789') = differing.source
            )
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
CHECKS = (*_LEDGER, *_COUPONS, *_GIFTS, *_PURCHASES, *_STAMPS, *_LOTS, *STANDING_CHECKS)
