"""The rules between settings: what is wrong although each value is right by itself."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bot.config.badges import BUILT_IN_BADGES, EVENTS_BADGE, LONGEST_STREAK
from bot.config.challenges import challenge_conflicts
from bot.config.conflict import Conflict, Keys
from bot.config.quizzes import words_of
from bot.config.shops import READ_BACK
from bot.rewards.rewards import RewardKind
from bot.tiers.levels import first_for_nothing

# Values by name. One that is wrong by itself is left out, and the rules that look at it have nothing to say.
Values = Mapping[str, Any]
TILL = "till"
_LEAST_SECRET = 8
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_API = ("api_base_url", "api_key", "api_secret")
_IS_SAFE = re.compile(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])(:|/|$)")


def conflicts(
    programme: Values,
    telegram: Values,
    discord: Values,
    web: Values,
    quiet_hours: Values,
    smtp: Values,
    actions: Mapping[str, Values],
    referral: Values,
    ambassador: Values,
    boosts: Sequence[Values],
    channels: Sequence[Values],
    products: Sequence[Values],
    challenges: Sequence[Values],
    seasons: Sequence[Values],
    badges: Sequence[Values],
    tiers: Sequence[Values],
    levels: Values,
    shops: Sequence[Values],
    currency_rates: Sequence[Values],
    rewards: Sequence[Values],
    stamp_cards: Sequence[Values],
) -> Iterator[Conflict]:
    """Yield every rule that is broken, each once."""
    yield from _default_is_spoken(programme)
    yield from _webhook_is_whole(telegram)
    yield from _shards_are_counted(discord)
    yield from _operator_token_is_long(web)
    yield from _quiet_hours_are_whole(quiet_hours)
    for name, action in actions.items():
        of_action: Keys = ("earning", "action", name)
        yield from _gives_something(of_action, action)
        yield from _is_in_each_language((*of_action, "title"), action.get("title"), programme)
    if referral.get("enabled"):
        yield from _brings_something(("earning", "referral"), referral)
        yield from _brings_something(("earning", "referral", "ambassador"), ambassador)
    yield from _differ("boost", "id", boosts)
    for number, boost in enumerate(boosts):
        yield from _has_a_span(("boost", number), boost)
        yield from _has_shops_for_purchases(("boost", number), boost)
        yield from _is_in_each_language(("boost", number, "name"), boost.get("name"), programme)
    yield from _are_other_places(channels)
    for number, channel in enumerate(channels):
        yield from _is_in_each_language(("channel", number, "name"), channel.get("name"), programme)
    yield from _differ("product", "id", products)
    for number, product in enumerate(products):
        yield from _has_a_mark(("product", number), product)
        yield from _is_in_each_language(("product", number, "name"), product.get("name"), programme)
    yield from _differ("challenge", "id", challenges)
    yield from challenge_conflicts(challenges, tiers, shops, products, actions, rewards)
    for number, challenge in enumerate(challenges):
        here: Keys = ("challenge", number)
        yield from _gives_something(here, challenge)
        yield from _is_in_each_language((*here, "title"), challenge.get("title"), programme)
        for keys, said in words_of(challenge.get("question", ())):
            yield from _is_in_each_language((*here, "question", *keys), said, programme)
    yield from _differ("season", "id", seasons)
    for number, season in enumerate(seasons):
        yield from _has_a_span(("season", number), season)
        yield from _is_in_each_language(("season", number, "title"), season.get("title"), programme)
    yield from _differ("badge", "id", badges)
    for number, badge in enumerate(badges):
        yield from _makes_a_badge(("badge", number), badge, programme, actions)
    yield from _differ("tier", "id", tiers)
    yield from _differ("tier", "threshold", tiers)
    yield from _levels_rise(levels)
    for number, tier in enumerate(tiers):
        yield from _is_in_each_language(("tier", number, "name"), tier.get("name"), programme)
        for words in ("perks", "telegram_tag"):
            yield from _is_in_each_language(("tier", number, words), tier.get(words) or None, programme)
    yield from _differ("shop", "id", shops)
    for number, shop in enumerate(shops):
        yield from _can_prove_itself(("shop", number), shop)
        yield from _can_be_read_back(("shop", number), shop)
    yield from _mail_is_whole(smtp)
    yield from _differ("currency_rate", "currency", currency_rates)
    for number, rate in enumerate(currency_rates):
        yield from _is_another_currency(("currency_rate", number), rate, programme)
    yield from _differ("reward", "id", rewards)
    for number, reward in enumerate(rewards):
        yield from _is_in_each_language(("reward", number, "name"), reward.get("name"), programme)
        yield from _names_a_tier(("reward", number, "tier"), reward.get("tier"), tiers)
        yield from _opens_something(("reward", number), reward)
        yield from _can_be_shared(("reward", number), reward)
    yield from _differ("stamp_card", "id", stamp_cards)
    for number, card in enumerate(stamp_cards):
        yield from _is_for_a_product(("stamp_card", number), card, products)
        for words in ("title", "reward"):
            yield from _is_in_each_language(("stamp_card", number, words), card.get(words), programme)


def _default_is_spoken(programme: Values) -> Iterator[Conflict]:
    match programme:
        case {"languages": languages, "default_language": default} if default not in languages:
            yield Conflict(("programme", "default_language"), default, "should be one of programme.languages")


def _webhook_is_whole(telegram: Values) -> Iterator[Conflict]:
    if telegram.get("mode") != "webhook":
        return
    for name in ("webhook_url", "webhook_secret"):
        if name in telegram and telegram[name] is None:
            yield Conflict(("telegram", name), None, 'is missing, mode = "webhook" needs it')
    secret = telegram.get("webhook_secret")
    if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret.get_secret_value()):
        yield Conflict(("telegram", "webhook_secret"), secret, "should be 16 to 256 of A-Z, a-z, 0-9, _ and -")


def _shards_are_counted(discord: Values) -> Iterator[Conflict]:
    match discord:
        case {"shard_ids": (_, *_), "shard_count": None}:
            yield Conflict(("discord", "shard_count"), None, "is missing, discord.shard_ids needs it")
        case {"shard_ids": (_, *_) as ids, "shard_count": int() as count}:
            if max(ids) >= count:
                wanted = f"should be below discord.shard_count, which is {count}"
                yield Conflict(("discord", "shard_ids"), max(ids), wanted)
            if len(set(ids)) < len(ids):
                yield Conflict(("discord", "shard_ids"), list(ids), "should name each shard once")


def _operator_token_is_long(web: Values) -> Iterator[Conflict]:
    token = web.get("operator_token")
    if token is not None and not re.fullmatch(r"[!-~]{16,256}", token.get_secret_value()):
        wanted = "should be 16 to 256 letters without accents, digits and signs"
        yield Conflict(("web", "operator_token"), token, wanted)


def _levels_rise(levels: Values) -> Iterator[Conflict]:
    match levels:
        case {"curve": "custom", "coefficients": None}:
            yield Conflict(("levels", "coefficients"), None, 'is missing, levels.curve = "custom" needs it')
        case {"coefficients": tuple() as given} if (level := first_for_nothing(given)) is not None:
            wanted = f"should make each level take more status than the one before: level {level} would not"
            yield Conflict(("levels", "coefficients"), given, wanted)


def _quiet_hours_are_whole(quiet_hours: Values) -> Iterator[Conflict]:
    match quiet_hours:
        case {"begins": str(), "ends": None}:
            yield Conflict(("quiet_hours", "ends"), None, "is missing, quiet_hours.begins needs it")
        case {"begins": None, "ends": str()}:
            yield Conflict(("quiet_hours", "begins"), None, "is missing, quiet_hours.ends needs it")
        case {"begins": str() as begins, "ends": str() as ends} if begins == ends:
            yield Conflict(("quiet_hours", "ends"), ends, "should be another time than quiet_hours.begins")


def _differ(section: str, key: str, items: Sequence[Values]) -> Iterator[Conflict]:
    first: dict[Any, int] = {}
    for number, item in enumerate(items):
        given = item.get(key)
        if given is not None and first.setdefault(given, number) != number:
            wanted = f"is the {key} of {section}[{first[given] + 1}] too, each needs its own"
            yield Conflict((section, number, key), given, wanted)


def _has_shops_for_purchases(here: Keys, boost: Values) -> Iterator[Conflict]:
    match boost:
        case {"multiplies": multiplies, "shops": (_, *_) as shops} if "purchases" not in multiplies:
            yield Conflict((*here, "shops"), ", ".join(shops), "is for purchases; leave it out, or multiply them too")


def _are_other_places(channels: Sequence[Values]) -> Iterator[Conflict]:
    first: dict[tuple[Any, Any], int] = {}
    for number, channel in enumerate(channels):
        if not {"space", "channel_id"} <= channel.keys():
            continue
        space, channel_id = place = channel["space"], channel["channel_id"]
        if first.setdefault(place, number) != number:
            wanted = f"is what channel[{first[place] + 1}] is about too, each needs a place of its own"
            name = "space" if channel_id is None else "channel_id"
            yield Conflict(("channel", number, name), space if channel_id is None else channel_id, wanted)


def _names_a_tier(here: Keys, given: str | None, tiers: Sequence[Values]) -> Iterator[Conflict]:
    if given is not None and all(tier.get("id", given) != given for tier in tiers):
        yield Conflict(here, given, "should be the id of a [[tier]]")


def _opens_something(here: Keys, reward: Values) -> Iterator[Conflict]:
    match reward:
        case {"kind": "role", "discord_roles": {**roles}} if not roles:
            yield Conflict((*here, "discord_roles"), None, 'is missing, kind = "role" needs it')
        case {"kind": "group"}:
            for name in ("telegram_group", "telegram_invite"):
                if name in reward and reward[name] is None:
                    yield Conflict((*here, name), None, 'is missing, kind = "group" needs it')


def _can_be_shared(here: Keys, reward: Values) -> Iterator[Conflict]:
    match reward:
        case {"shareable": True, "kind": kind} if not RewardKind(kind).can_be_shared:
            wanted = 'is for kind = "product" and kind = "coupon": what else there is belongs to who redeemed it'
            yield Conflict((*here, "shareable"), True, wanted)


def _can_prove_itself(here: Keys, shop: Values) -> Iterator[Conflict]:
    if shop.get("id") == TILL:
        yield Conflict((*here, "id"), TILL, "is what purchases at the till are kept under, choose another")
    if "secret" in shop and shop["secret"] is None:
        yield Conflict((*here, "secret"), None, "is missing, the shop signs its calls with it")
    for name in ("secret", "old_secret"):
        secret = shop.get(name)
        if secret is not None and len(secret.get_secret_value()) < _LEAST_SECRET:
            yield Conflict((*here, name), secret, f"should be at least {_LEAST_SECRET} characters long")
    match shop:
        case {"kind": "square", "notification_url": None}:
            yield Conflict((*here, "notification_url"), None, 'is missing, kind = "square" signs it too')


def _can_be_read_back(here: Keys, shop: Values) -> Iterator[Conflict]:
    values = {name: shop.get(name) for name in _API}
    first = next((name for name, value in values.items() if value is not None), None)
    if first is None or not {"kind", *_API} <= shop.keys():
        return
    if shop["kind"] not in READ_BACK:
        kinds = " and ".join(f'"{one}"' for one in READ_BACK)
        wanted = f"should be left out: only of kind {kinds} orders are read back"
        yield Conflict((*here, first), values[first], wanted)
        return
    # An app made in Shopify's admin has one token, which is all there is to know.
    for name in _API if shop["kind"] == "woocommerce" else ("api_base_url", "api_secret"):
        if values[name] is None:
            yield Conflict((*here, name), None, f"is missing, {first} needs it")
    address = values["api_base_url"]
    if address is not None and not _IS_SAFE.match(address):
        wanted = "should begin with https://, or the secrets could be read on the way"
        yield Conflict((*here, "api_base_url"), address, wanted)


def _mail_is_whole(smtp: Values) -> Iterator[Conflict]:
    for name, needs in (("host", "sender"), ("sender", "host"), ("username", "password"), ("password", "username")):
        if smtp.get(name) is not None and needs in smtp and smtp[needs] is None:
            yield Conflict(("smtp", needs), None, f"is missing, smtp.{name} needs it")
    match smtp:
        case {"security": "none", "username": str(), "host": str() as host} if host not in _THIS_MACHINE:
            wanted = 'should be "starttls" or "tls", or the password could be read on the way'
            yield Conflict(("smtp", "security"), "none", wanted)


def _is_another_currency(here: Keys, rate: Values, programme: Values) -> Iterator[Conflict]:
    currency = rate.get("currency")
    if currency is not None and currency == programme.get("currency"):
        yield Conflict((*here, "currency"), currency, "is programme.currency itself, whose rate is 1")


def _has_a_mark(here: Keys, product: Values) -> Iterator[Conflict]:
    match product:
        case {"skus": (), "categories": (), "brands": ()}:
            yield Conflict(here, None, "says of no product: set skus, categories or brands")


def _is_for_a_product(here: Keys, card: Values, products: Sequence[Values]) -> Iterator[Conflict]:
    product = card.get("product")
    if product is None:
        return
    named = [one for one in products if one.get("id") == product]
    if not named:
        yield Conflict((*here, "product"), product, "should be the id of a [[product]]")
    if any(one.get("multiplier") == "0" for one in named):
        yield Conflict((*here, "product"), product, "should count: what has multiplier = 0 gives no stamps")
    if card.get("by_purchase") is False:
        yield Conflict((*here, "product"), product, "is for purchases; leave it out or set by_purchase = true")


def _has_a_span(here: Keys, boost: Values) -> Iterator[Conflict]:
    match boost:
        case {"starts": date() as starts, "ends": date() as ends} if ends < starts:
            yield Conflict((*here, "ends"), ends, f"should not be before starts, which is {starts}")
    match boost:
        case {"from_time": str() as begin, "until_time": str() as until} if begin == until:
            wanted = "should be another time than from_time; leave out both for all day"
            yield Conflict((*here, "until_time"), until, wanted)


def _gives_something(here: Keys, section: Values) -> Iterator[Conflict]:
    match section:
        case {"points": 0, "status": 0, "cause": str()}:
            return
        case {"points": 0, "status": 0}:
            yield Conflict(here, None, "gives nothing: set points or status")


def _brings_something(here: Keys, section: Values) -> Iterator[Conflict]:
    match section:
        case {"points": 0, "status": 0}:
            yield Conflict(here, None, "brings nothing to the one who invites: set points or status")


def _is_in_each_language(here: Keys, words: Values | None, programme: Values) -> Iterator[Conflict]:
    if words is None:
        return
    for language in programme.get("languages", ()):
        if language not in words:
            yield Conflict((*here, language), None, "is missing, programme.languages names the language")


def _makes_a_badge(here: Keys, badge: Values, programme: Values, actions: Mapping[str, Values]) -> Iterator[Conflict]:
    """A built-in badge has its rule and its name; one of the owner's needs a name, and actions if it counts these."""
    is_built_in, counts, named = badge.get("id") in BUILT_IN_BADGES, badge.get("counts"), badge.get("actions", ())
    if is_built_in and counts is not None:
        yield Conflict((*here, "counts"), counts, "should be left out: the badge has a rule of its own")
    if is_built_in and badge.get("goal", 1) != 1:
        yield Conflict((*here, "goal"), badge["goal"], "should be left out: the badge has a rule of its own")
    yield from _is_in_each_language((*here, "name"), badge.get("name") or (None if is_built_in else {}), programme)
    if counts == "actions" and badge.get("actions") == ():
        yield Conflict((*here, "actions"), None, 'is missing, counts = "actions" needs it')
    if counts == "streak" and badge.get("goal", 1) > LONGEST_STREAK:
        yield Conflict((*here, "goal"), badge["goal"], f"should be at most {LONGEST_STREAK} days in a row")
    if named and counts != "actions" and badge.get("id") != EVENTS_BADGE:
        yield Conflict((*here, "actions"), ", ".join(named), 'needs counts = "actions"')
    for name in named:
        if name not in actions:
            yield Conflict((*here, "actions"), name, f"should be the name of an [earning.action.{name}]")
