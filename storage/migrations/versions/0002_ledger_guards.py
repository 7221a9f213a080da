"""The ledger guards itself: entries never change, balances follow them, no wallet below zero but by a clawback"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NEVER = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN
    SELECT RAISE(ABORT, '{table} is append-only');
END
"""

# A holder's accounts have positive ids, the programme's negative ones; only the first kind keeps a balance.
_BALANCES = """
CREATE TRIGGER entry_moves_balances AFTER INSERT ON entry
BEGIN
    INSERT INTO balance (account_id, unit, amount)
        SELECT NEW.from_account, NEW.unit, -NEW.points WHERE NEW.from_account > 0
        ON CONFLICT (account_id, unit) DO UPDATE SET amount = amount + excluded.amount;
    INSERT INTO balance (account_id, unit, amount)
        SELECT NEW.to_account, NEW.unit, NEW.points WHERE NEW.to_account > 0
        ON CONFLICT (account_id, unit) DO UPDATE SET amount = amount + excluded.amount;
    SELECT RAISE(ABORT, 'overdraft')
        WHERE NEW.from_account > 0 AND NEW.reason <> 'clawback'
        AND (SELECT amount FROM balance WHERE account_id = NEW.from_account AND unit = NEW.unit) < 0;
END
"""


def upgrade() -> None:
    for table in ("entry", "account", "rule_version"):
        for verb in ("update", "delete"):
            op.execute(_NEVER.format(table=table, verb=verb))
    op.execute(_BALANCES)
