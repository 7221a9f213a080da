"""What is changed, and the tests that must notice, those first that most often do."""

_LEDGER = (
    "tests/storage/test_ledger.py",
    "tests/storage/test_lots.py",
    "tests/handlers/test_spending.py",
    "tests/handlers/test_why.py",
    "tests/handlers/test_purchases.py",
)
# By themselves lots are tried so closely that what else uses them adds nothing but time.
_LOTS = ("tests/storage/test_lots.py", "tests/storage/test_ledger.py")
_PURCHASES = ("tests/handlers/test_purchases.py", "tests/handlers/test_purchase_limits.py")
_SCHEMA = ("tests/storage/test_migrations.py", "tests/storage/test_ledger.py")
_SEALS = ("tests/storage/test_seals.py", "tests/storage/test_verify.py")
_SCHEDULER = (
    "tests/handlers/test_job_times.py",
    "tests/handlers/test_scheduler.py",
    "tests/handlers/test_letters.py",
    "tests/handlers/test_alerts.py",
    "tests/handlers/test_purchases.py",
)
_VERSIONS = "storage/migrations/versions/"
TARGETS: dict[str, tuple[str, ...]] = {
    "adapters/web/telegram.py": ("tests/adapters/telegram/test_webhook.py",),
    "bot/expiry.py": ("tests/handlers/test_spending.py", "tests/handlers/test_expiring.py"),
    "bot/ledger.py": (*_LEDGER, "tests/handlers/test_account.py", "tests/handlers/test_participation.py"),
    "bot/points.py": ("tests/handlers/test_spending.py",),
    "bot/purchases.py": (
        *_PURCHASES,
        "tests/adapters/web/test_products.py",
        "tests/handlers/test_buying.py",
        "tests/handlers/test_boosts.py",
    ),
    "bot/seals.py": _SEALS,
    "handlers/expiring.py": ("tests/handlers/test_expiring.py",),
    "handlers/buying.py": (
        "tests/handlers/test_buying.py",
        *_PURCHASES,
        "tests/handlers/test_refunds.py",
        "tests/handlers/test_challenges.py",
        "tests/handlers/test_spending.py",
    ),
    "handlers/purchases.py": (
        *_PURCHASES,
        "tests/handlers/test_refunds.py",
        "tests/handlers/test_challenges.py",
        "tests/handlers/test_spending.py",
    ),
    "handlers/ripening.py": ("tests/handlers/test_ripening.py", "tests/handlers/test_purchases.py"),
    "handlers/scheduler.py": _SCHEDULER,
    "handlers/spending.py": ("tests/handlers/test_spending.py",),
    "handlers/undo.py": (
        "tests/handlers/test_undo.py",
        "tests/handlers/test_undoing.py",
        "tests/handlers/test_participation.py",
        "tests/handlers/test_presence.py",
    ),
    "storage/jobs.py": ("tests/storage/test_jobs.py", *_SCHEDULER),
    "storage/ledger.py": (
        "tests/storage/test_messages.py",
        *_LOTS,
        "tests/handlers/test_participation.py",
        "tests/handlers/test_bonus.py",
        "tests/handlers/test_standings.py",
    ),
    "storage/lots.py": _LOTS,
    "storage/open_lots.py": _LOTS,
    "storage/outbox.py": ("tests/storage/test_outbox.py", "tests/handlers/test_retention.py"),
    "storage/seals.py": _SEALS,
    f"{_VERSIONS}0002_ledger_guards.py": _SCHEMA,
    f"{_VERSIONS}0004_fewer_rows_a_message.py": _SCHEMA,
    f"{_VERSIONS}0003_lots_seals_and_leases.py": (*_SCHEMA, "tests/storage/test_seals.py"),
}
