"""What is changed, and the tests that must notice. Where files share them, those are run once for all of the files."""

_LEDGER = (
    "tests/storage/test_ledger.py",
    "tests/storage/test_lots.py",
    "tests/handlers/points/test_spending.py",
    "tests/handlers/points/test_why.py",
    "tests/handlers/purchases/test_purchases.py",
)
# By themselves lots are tried so closely that what else uses them adds nothing but time.
_LOTS = ("tests/storage/test_lots.py", "tests/storage/test_ledger.py")
_PURCHASES = (
    "tests/bot/test_purchases.py",
    "tests/handlers/purchases/test_asking_first.py",
    "tests/handlers/purchases/test_purchases.py",
    "tests/handlers/purchases/test_purchase_limits.py",
    "tests/handlers/purchases/test_currencies.py",
    "tests/handlers/purchases/test_buying.py",
    "tests/handlers/purchases/test_changes_of_purchases.py",
    "tests/handlers/purchases/test_refunds.py",
    "tests/handlers/challenges/test_challenges.py",
    "tests/handlers/points/test_boosts.py",
    "tests/handlers/points/test_spending.py",
    "tests/adapters/web/test_products.py",
    "tests/handlers/members/test_contacts.py",
)
_BUYING = (
    *_PURCHASES,
    "tests/adapters/web/test_hooks.py",
    "tests/handlers/badges/test_badges.py",
    "tests/handlers/challenges/test_kinds_of_challenges.py",
    "tests/handlers/referrals/test_referrals.py",
    "tests/handlers/stamps/test_stamps.py",
)
_AWARDS = (
    "tests/handlers/points/test_awards.py",
    "tests/handlers/points/test_participation.py",
    "tests/handlers/points/test_thanks.py",
    "tests/handlers/points/test_order_of_reactions.py",
)
_REWARDS = (
    "tests/bot/test_rewards.py",
    "tests/storage/test_coupons.py",
    "tests/handlers/coupons/test_coupons.py",
    "tests/handlers/coupons/test_sharing.py",
    "tests/handlers/rewards/test_accesses.py",
    "tests/handlers/rewards/test_rewards.py",
    "tests/handlers/rewards/test_rewards_by_tier.py",
)
_SHOPS = (
    "tests/adapters/web/test_reading.py",
    "tests/adapters/web/test_shopify_bodies.py",
    "tests/adapters/web/test_bodies.py",
    "tests/adapters/web/test_signatures.py",
    "tests/adapters/web/test_recorded.py",
    "tests/bot/test_shop_orders.py",
    "tests/adapters/web/test_hooks.py",
    "tests/adapters/web/test_products.py",
    "tests/adapters/web/test_actions.py",
    "tests/handlers/members/test_contacts.py",
)
_ORDERS = (
    "tests/handlers/shops/test_shop_desk.py",
    "tests/handlers/shops/test_imported_orders.py",
    "tests/handlers/members/test_contacts.py",
    "tests/handlers/purchases/test_buying.py",
    "tests/adapters/web/test_hooks.py",
    "tests/adapters/web/test_products.py",
    "tests/adapters/web/test_recorded.py",
)
_IMPORTS = (
    "tests/handlers/purchases/test_till.py",
    "tests/handlers/shops/test_imported_orders.py",
    "tests/cli/test_importing.py",
)
_SCHEMA = ("tests/storage/test_migrations.py", "tests/storage/test_ledger.py")
_SEALS = ("tests/storage/test_seals.py", "tests/storage/test_verify.py")
_SCHEDULER = (
    "tests/storage/test_jobs.py",
    "tests/storage/test_misdated.py",
    "tests/handlers/test_job_times.py",
    "tests/handlers/test_scheduler.py",
    "tests/handlers/operating/test_letters.py",
    "tests/handlers/operating/test_alerts.py",
    "tests/handlers/purchases/test_purchases.py",
    "tests/handlers/tiers/test_tiers.py",
    "tests/adapters/web/test_operations.py",
)
_VERSIONS = "storage/migrations/versions/"
TARGETS: dict[str, tuple[str, ...]] = {
    "adapters/told_time.py": ("tests/adapters/test_told_time.py",),
    "adapters/trusted_clock.py": ("tests/adapters/test_trusted_clock.py", "tests/adapters/test_told_time.py"),
    "adapters/web/bodies.py": (*_SHOPS, "tests/adapters/telegram/test_webhook.py"),
    "adapters/web/hooks/events.py": _SHOPS,
    "adapters/web/hooks/generic.py": _SHOPS,
    "adapters/web/hooks/reading.py": _SHOPS,
    "adapters/web/hooks/router.py": (*_SHOPS, "tests/reliability/test_database_away.py"),
    "adapters/web/hooks/shopify.py": _SHOPS,
    "adapters/web/hooks/shopify_disputes.py": _SHOPS,
    "adapters/web/hooks/square.py": _SHOPS,
    "adapters/web/hooks/stripe.py": _SHOPS,
    "adapters/web/hooks/woocommerce.py": _SHOPS,
    "adapters/web/telegram.py": ("tests/adapters/telegram/test_webhook.py",),
    "bot/earning/intents.py": _AWARDS,
    "bot/earning/message.py": _AWARDS,
    "bot/ledger/expiry.py": ("tests/handlers/points/test_spending.py", "tests/handlers/points/test_expiring.py"),
    "bot/ledger/ledger.py": (
        *_LEDGER,
        "tests/handlers/members/test_account.py",
        "tests/handlers/points/test_participation.py",
    ),
    "bot/ledger/points.py": ("tests/handlers/points/test_spending.py",),
    "bot/purchases/purchases.py": _PURCHASES,
    "bot/rewards/rewards.py": _REWARDS,
    "bot/ledger/seals.py": _SEALS,
    "bot/purchases/shop_orders.py": _SHOPS,
    "handlers/points/awards.py": _AWARDS,
    "handlers/points/bonus.py": ("tests/handlers/points/test_bonus.py",),
    "handlers/points/gifts.py": ("tests/handlers/points/test_gifts.py",),
    "handlers/purchases/buying.py": _BUYING,
    "handlers/coupons/expiry.py": _REWARDS,
    "handlers/coupons/lifecycle.py": _REWARDS,
    "handlers/points/expiring.py": ("tests/handlers/points/test_expiring.py",),
    "handlers/purchases/recording.py": (*_PURCHASES, "tests/handlers/shops/test_shop_desk.py"),
    "handlers/rewards/donating.py": _REWARDS,
    "handlers/rewards/redeeming.py": _REWARDS,
    "handlers/points/ripening.py": (
        "tests/handlers/points/test_ripening.py",
        "tests/handlers/purchases/test_purchases.py",
    ),
    "handlers/scheduler.py": _SCHEDULER,
    "handlers/shops/orders.py": _ORDERS,
    "handlers/points/spending.py": ("tests/handlers/points/test_spending.py",),
    "handlers/points/undo.py": (
        "tests/handlers/points/test_undo.py",
        "tests/handlers/points/test_undoing.py",
        "tests/handlers/points/test_participation.py",
        "tests/handlers/spaces/test_presence.py",
    ),
    "handlers/coupons/using.py": _REWARDS,
    "storage/rewards/coupons.py": _REWARDS,
    "storage/rewards/coupon_links.py": ("tests/handlers/coupons/test_sharing.py",),
    "storage/operating/jobs.py": _SCHEDULER,
    "storage/operating/leases.py": ("tests/storage/test_leases.py", "tests/storage/test_outbox.py"),
    "storage/ledger/ledger.py": (
        "tests/storage/test_messages.py",
        *_LOTS,
        "tests/handlers/points/test_participation.py",
        "tests/handlers/points/test_bonus.py",
        "tests/handlers/boards/test_standings.py",
        "tests/handlers/points/test_boosts.py",
        "tests/storage/test_writing.py",
        "tests/adapters/web/test_operations.py",
    ),
    "storage/ledger/lots.py": _LOTS,
    "storage/ledger/open_lots.py": _LOTS,
    "storage/outgoing/outbox.py": (
        "tests/storage/test_outbox.py",
        "tests/storage/test_rests.py",
        "tests/storage/test_changed_posts.py",
        "tests/handlers/spaces/test_digest.py",
        "tests/handlers/operating/test_retention.py",
        "tests/handlers/members/test_zones.py",
    ),
    "storage/rewards/pool_codes.py": _REWARDS,
    "storage/rewards/rewards.py": _REWARDS,
    "storage/ledger/seals.py": _SEALS,
    "storage/purchases/codes.py": (
        "tests/storage/test_codes.py",
        "tests/handlers/codes/test_codes.py",
        "tests/cli/test_codes.py",
    ),
    "storage/purchases/purchase_batches.py": ("tests/storage/test_purchases.py", *_IMPORTS),
    "storage/purchases/shop_orders.py": ("tests/storage/test_shop_orders.py", *_ORDERS, *_IMPORTS),
    f"{_VERSIONS}0002_ledger_guards.py": _SCHEMA,
    f"{_VERSIONS}0004_fewer_rows_a_message.py": _SCHEMA,
    f"{_VERSIONS}0003_lots_seals_and_leases.py": (*_SCHEMA, "tests/storage/test_seals.py"),
    f"{_VERSIONS}0008_shops.py": _SCHEMA,
    f"{_VERSIONS}0012_rewards.py": (*_SCHEMA, "tests/handlers/coupons/test_coupons.py"),
}
# Of a server's own statements; what is tried on a server is slow.
_ON_POSTGRESQL = ("-mslow", "-kpostgresql")
SERVER_TARGETS: dict[str, tuple[str, ...]] = {
    f"{_VERSIONS}0002_ledger_guards.py": (*_ON_POSTGRESQL, "tests/storage/test_ledger.py"),
    f"{_VERSIONS}0003_lots_seals_and_leases.py": (
        *_ON_POSTGRESQL,
        "tests/storage/test_seals.py",
        "tests/storage/test_postgres_schema.py::test_what_is_written_for_good_is_not_changed",
    ),
    f"{_VERSIONS}0012_rewards.py": (*_ON_POSTGRESQL, "tests/handlers/coupons/test_coupons.py"),
}
# They take longer than all others together, and what they are about others try in less time.
LEFT_OUT = (
    "tests/handlers/points/test_spending.py::test_it_makes_no_difference_whether_points_expire_before_a_refund_or_after",
)
