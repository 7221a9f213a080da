"""Settings: frozen, typed, parsed once; every key of the config file with its default."""

from collections.abc import Iterator, Mapping
from datetime import time
from functools import cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from bot.config.badges import BadgeSettings
from bot.config.boards import LeaderboardSettings
from bot.config.boosts import BoostSettings
from bot.config.challenges import ChallengeSettings
from bot.config.channels import ChannelSettings
from bot.config.clock import ClockSettings
from bot.config.conflict import Conflict
from bot.config.duels import DuelSettings
from bot.config.earning import ActionRule, Earning
from bot.config.levels import LevelRules
from bot.config.partial import conflict_line, error_line, usable
from bot.config.products import ProductSettings
from bot.config.referral import AmbassadorRule, ReferralRule
from bot.config.rewards import CouponSettings, GiftSettings, RewardSettings, StampCardSettings
from bot.config.rules import conflicts
from bot.config.seasons import SeasonSettings
from bot.config.section import Section
from bot.config.shops import CurrencyRate, ShopSettings
from bot.config.smtp import SmtpSettings
from bot.config.tiers import TierRules, TierSettings
from bot.config.types import (
    Color,
    Count,
    Currency,
    DatabaseUrl,
    HttpAddress,
    Language,
    OptionalSecret,
    OwnerId,
    PictureFile,
    ShardId,
    Switch,
    Text,
    TimeOfDay,
    Timezone,
    WarnDays,
)
from bot.events import Identity
from bot.quiet_hours import QuietHours


class PluralForms(Section):
    """The forms of a word after 1, 2 and 5; English needs `one` and `other` only."""

    one: Text
    few: Text | None = None
    many: Text | None = None
    other: Text


@cache
def _identities(texts: tuple[str, ...]) -> frozenset[Identity]:
    return frozenset(Identity.parse(text) for text in texts)


class Programme(Section):
    """The brand: its name, currency, languages and owners."""

    name: Text = "Bywalec"
    currency: Currency = "PLN"
    currency_name: dict[Language, PluralForms] = Field(default_factory=dict)
    timezone: Timezone = "Europe/Warsaw"
    languages: tuple[Language, ...] = ("en", "pl")
    default_language: Language = "en"
    owner_ids: tuple[OwnerId, ...] = ()
    rules: dict[Language, Annotated[str, Field(min_length=1, max_length=2000)]] = Field(default_factory=dict)
    points_expire_after_months: Annotated[int, Field(ge=0, le=120, strict=True)] = 12
    warn_days_before_expiry: Annotated[tuple[WarnDays, ...], Field(max_length=5)] = (30, 7)
    group_posts_per_day: Count = 10
    phone_country_code: Annotated[int, Field(ge=1, le=999, strict=True)] = 48

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def owners(self) -> frozenset[Identity]:
        return _identities(self.owner_ids)


class Brand(Section):
    """How pictures look: the member's card and whatever else is drawn. `pictures` is the folder of the owner's own."""

    color: Color = "#1F5B4A"
    pictures: Annotated[str, Field(min_length=1, max_length=4096)] = "pictures"
    logo: PictureFile = ""


class DatabaseSettings(Section):
    """Where the database is."""

    url: DatabaseUrl = "sqlite:///bywalec.db"


class TelegramLimits(Section):
    """How fast the bot writes on Telegram; never faster than Telegram allows."""

    chat_interval_s: Annotated[int, Field(ge=1, le=60, strict=True)] = 1
    group_per_minute: Annotated[int, Field(ge=1, le=20, strict=True)] = 18
    overall_per_second: Annotated[int, Field(ge=1, le=30, strict=True)] = 28


class BackupSettings(Section):
    """Copies of the database file, each night. A PostgreSQL server has tools of its own for that."""

    folder: Annotated[str, Field(max_length=1000, description='the path of a folder, or ""')] = "backups"
    at: TimeOfDay = "03:10"
    keep_days: Annotated[int, Field(ge=1, le=35, strict=True)] = 14


class TelegramSettings(Section):
    """The Telegram bot. Without a token Telegram is off."""

    token: OptionalSecret = None
    api_base_url: HttpAddress = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: HttpAddress | None = None
    webhook_secret: OptionalSecret = None
    remove_from_groups: Switch = True
    limits: TelegramLimits = TelegramLimits()


class DiscordSettings(Section):
    """The Discord bot. Without a token Discord is off. The two intents are privileged: switch them on there first."""

    token: OptionalSecret = None
    api_base_url: HttpAddress = "https://discord.com/api/v10"
    message_content_intent: Switch = False
    members_intent: Switch = False
    invite_url: HttpAddress | None = None
    shard_ids: tuple[ShardId, ...] = ()
    shard_count: Annotated[int, Field(ge=1, le=100_000, strict=True)] | None = None


class WebSettings(Section):
    """The web server: health and figures for whoever keeps the bot running, and what Telegram and shops call."""

    enabled: Switch = True
    host: Text = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, strict=True)] = 8080
    operator_token: OptionalSecret = None


class Processes(Section):
    """How many processes of the bot share one database, and with it the platforms' limits."""

    count: Annotated[int, Field(ge=1, le=20, strict=True)] = 1


class QuietHoursSettings(Section):
    """When the bot writes to nobody of its own accord, by the programme's time. Off while both are unset."""

    begins: TimeOfDay | None = None
    ends: TimeOfDay | None = None

    @property
    def hours(self) -> QuietHours | None:
        if self.begins is None or self.ends is None:
            return None
        return QuietHours(time.fromisoformat(self.begins), time.fromisoformat(self.ends))


class RoleSettings(Section):
    """Who counts as what without a grant."""

    platform_admins_are_moderators: Switch = False


class Bonus(Section):
    """Bonus points by moderators."""

    max_points: Annotated[int, Field(ge=1, le=10**9, strict=True)] = 500
    daily_points: Annotated[int, Field(ge=1, le=10**9, strict=True)] = 5000


class CodeSettings(Section):
    """One-time codes that members claim: how many wrong ones somebody may try."""

    wrong_tries: Annotated[int, Field(ge=1, le=100, strict=True)] = 5
    within_minutes: Annotated[int, Field(ge=1, le=1440, strict=True)] = 60


class Privacy(Section):
    """How often a group is told that it may join, and how long things are kept."""

    invitation_every_hours: Annotated[int, Field(ge=1, le=8760, strict=True)] = 168
    keep_answers_days: Annotated[int, Field(ge=1, le=30, strict=True)] = 2
    keep_posts_days: Annotated[int, Field(ge=1, le=365, strict=True)] = 30
    keep_message_authors_days: Annotated[int, Field(ge=1, le=365, strict=True)] = 30
    keep_dead_letters_days: Annotated[int, Field(ge=1, le=30, strict=True)] = 7


class Config(Section):
    """Everything an owner can set."""

    programme: Programme = Programme()
    brand: Brand = Brand()
    database: DatabaseSettings = DatabaseSettings()
    backup: BackupSettings = BackupSettings()
    telegram: TelegramSettings = TelegramSettings()
    discord: DiscordSettings = DiscordSettings()
    web: WebSettings = WebSettings()
    clock: ClockSettings = ClockSettings()
    processes: Processes = Processes()
    quiet_hours: QuietHoursSettings = QuietHoursSettings()
    roles: RoleSettings = RoleSettings()
    earning: Earning = Earning()
    boost: Annotated[tuple[BoostSettings, ...], Field(max_length=20)] = ()
    channel: Annotated[tuple[ChannelSettings, ...], Field(max_length=50)] = ()
    product: Annotated[tuple[ProductSettings, ...], Field(max_length=50)] = ()
    codes: CodeSettings = CodeSettings()
    bonus: Bonus = Bonus()
    leaderboard: LeaderboardSettings = LeaderboardSettings()
    privacy: Privacy = Privacy()
    challenge: tuple[ChallengeSettings, ...] = ()
    duels: DuelSettings = DuelSettings()
    season: Annotated[tuple[SeasonSettings, ...], Field(max_length=50)] = ()
    badge: Annotated[tuple[BadgeSettings, ...], Field(max_length=50)] = ()
    tiers: TierRules = TierRules()
    tier: Annotated[tuple[TierSettings, ...], Field(max_length=20)] = ()
    levels: LevelRules = LevelRules()
    shop: tuple[ShopSettings, ...] = ()
    smtp: SmtpSettings = SmtpSettings()
    currency_rate: tuple[CurrencyRate, ...] = ()
    coupons: CouponSettings = CouponSettings()
    gifts: GiftSettings = GiftSettings()
    reward: tuple[RewardSettings, ...] = ()
    stamp_card: Annotated[tuple[StampCardSettings, ...], Field(max_length=10)] = ()

    @property
    def time_tellers(self) -> tuple[str, ...]:
        """The addresses that are asked for the time.

        Of the platforms only their own servers: another one may go by the very clock that is in question, or, as the
        Bot API server that anybody can run, not tell the time at all.
        """
        on = [platform for platform in (self.telegram, self.discord) if platform.token is not None]
        theirs = TelegramSettings().api_base_url, DiscordSettings().api_base_url
        return self.clock.tellers(platform.api_base_url for platform in on if platform.api_base_url in theirs)

    @property
    def rates(self) -> dict[str, str]:
        """What one of each other currency is worth in the programme's, where something says so."""
        return {one.currency: one.rate for one in self.currency_rate}

    @model_validator(mode="wrap")
    @classmethod
    def _with_rules_between(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Tell what is wrong by itself and what is wrong together at once, in the order of the file."""
        config, wrong = None, []
        try:
            config = handler(given)
        except ValidationError as error:
            wrong = [error_line(detail) for detail in error.errors(include_url=False)]
        wrong += [conflict_line(conflict) for conflict in _conflicts(given if config is None else config)]
        if config is None or wrong:
            raise ValidationError.from_exception_data(cls.__name__, sorted(wrong, key=_place))
        return config


# All problems at once -----------------------------------------------------------------------------------------------


def _conflicts(given: object) -> Iterator[Conflict]:
    sections = dict(given) if isinstance(given, Config | Mapping) else {}

    def usable_of(model: type[Section], name: str) -> list[dict[str, Any]]:
        items = sections.get(name, ())
        return [usable(model, item) for item in (items if isinstance(items, list | tuple) else ())]

    earning = usable(Earning, sections.get("earning", {}))
    actions = earning.get("action", {})
    referral = usable(ReferralRule, earning.get("referral", {}))
    return conflicts(
        usable(Programme, sections.get("programme", {})),
        usable(TelegramSettings, sections.get("telegram", {})),
        usable(DiscordSettings, sections.get("discord", {})),
        usable(WebSettings, sections.get("web", {})),
        usable(QuietHoursSettings, sections.get("quiet_hours", {})),
        usable(SmtpSettings, sections.get("smtp", {})),
        {name: usable(ActionRule, item) for name, item in actions.items()},
        referral,
        usable(AmbassadorRule, referral.get("ambassador", {})),
        usable_of(BoostSettings, "boost"),
        usable_of(ChannelSettings, "channel"),
        usable_of(ProductSettings, "product"),
        usable_of(ChallengeSettings, "challenge"),
        usable_of(SeasonSettings, "season"),
        usable_of(BadgeSettings, "badge"),
        usable_of(TierSettings, "tier"),
        usable(LevelRules, sections.get("levels", {})),
        usable_of(ShopSettings, "shop"),
        usable_of(CurrencyRate, "currency_rate"),
        usable_of(RewardSettings, "reward"),
        usable_of(StampCardSettings, "stamp_card"),
    )


def _place(line: InitErrorDetails) -> tuple[int, int]:
    """Return where a problem stands: its section's place, and which of several of this name."""
    section, number = (*line["loc"], 0, 0)[:2]
    names = list(Config.model_fields)
    return (
        names.index(section) if isinstance(section, str) and section in names else len(names),
        number if isinstance(number, int) else 0,
    )
