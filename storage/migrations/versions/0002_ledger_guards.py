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

_REFUSE_ON_POSTGRESQL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""
_NEVER_ON_POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
_BALANCES_ON_POSTGRESQL = """
CREATE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    remaining bigint;
BEGIN
    IF NEW.from_account > 0 THEN
        INSERT INTO balance AS held (account_id, unit, amount) VALUES (NEW.from_account, NEW.unit, -NEW.points)
            ON CONFLICT (account_id, unit) DO UPDATE SET amount = held.amount + excluded.amount
            RETURNING amount INTO remaining;
    END IF;
    IF NEW.to_account > 0 THEN
        INSERT INTO balance AS held (account_id, unit, amount) VALUES (NEW.to_account, NEW.unit, NEW.points)
            ON CONFLICT (account_id, unit) DO UPDATE SET amount = held.amount + excluded.amount;
    END IF;
    IF remaining < 0 AND NEW.reason <> 'clawback' THEN
        RAISE EXCEPTION 'overdraft' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$
"""
_MOVES_ON_POSTGRESQL = """
CREATE TRIGGER entry_moves_balances AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION move_balances()
"""


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute(_REFUSE_ON_POSTGRESQL)
    for table in ("entry", "account", "rule_version"):
        for verb in ("update", "delete"):
            op.execute((_NEVER_ON_POSTGRESQL if is_postgresql else _NEVER).format(table=table, verb=verb))
    if is_postgresql:
        op.execute(_BALANCES_ON_POSTGRESQL)
        op.execute(_MOVES_ON_POSTGRESQL)
    else:
        op.execute(_BALANCES)
