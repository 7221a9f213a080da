"""Settings: what is taken, what is refused, and what never shows."""

import re
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from bot.config.config import Config, Programme
from bot.earning.programme_rules import rules_version
from bot.earning.versions import RuleBook

TITLE = {"en": "Hello", "pl": "Cześć"}
QUESTION = {"text": TITLE, "answers": [TITLE, {"en": "No", "pl": "Nie"}], "right": 1}


def challenge(**about: Any) -> dict[str, Any]:
    return {"id": "hello", "counts": "purchases", "goal": 2, "points": 5, "repeat": "weekly", "title": TITLE} | about


def problems(**sections: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(sections)
    return [".".join(map(str, error["loc"])) for error in caught.value.errors()]


def test_everything_has_a_default() -> None:
    config = Config()
    assert config.programme.default_language == "en"
    assert config.telegram.token is None
    assert config.discord.token is None


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("programme", "timezone", "Mars/Olympus"),
        ("programme", "timezone", "../../etc/passwd"),
        ("programme", "currency", "XYZ"),
        ("programme", "owner_ids", ["olek"]),
        ("programme", "owner_ids", ["telegram:abc"]),
        ("programme", "languages", ["de"]),
        ("programme", "name", ""),
        ("database", "url", "mysql://x"),
        ("telegram", "api_base_url", "ftp://x"),
        ("telegram", "mode", "push"),
        ("web", "port", 70000),
        ("bonus", "max_points", 0),
        ("bonus", "max_points", "500"),
        ("bonus", "daily_points", 0),
        ("bonus", "max_points", 2.5),
        ("leaderboard", "time", "25:00"),
        ("leaderboard", "weekday", "mon"),
        ("leaderboard", "size", 100),
        ("privacy", "keep_dead_letters_days", 31),
    ],
)
def test_a_bad_value_is_named(section: str, key: str, value: object) -> None:
    assert any(found.startswith(f"{section}.{key}") for found in problems(**{section: {key: value}}))


@pytest.mark.parametrize(
    ("rule", "key", "value"),
    [
        ("purchase", "points", -1),
        ("purchase", "points", 1.5),
        ("purchase", "minimum_amount", "5 zł"),
        ("purchase", "minimum_amount", "-5"),
        ("purchase", "daily_cap_count", 0),
        ("message", "cooldown_s", 0),
        ("message", "status", 10**10),
        ("reaction", "daily_pair_cap", 0),
        ("reaction", "daily_cap", 0),
        ("join", "pending_days", 366),
    ],
)
def test_a_bad_rule_is_named(rule: str, key: str, value: object) -> None:
    assert problems(earning={rule: {key: value}}) == [f"earning.{rule}.{key}"]


def test_every_problem_is_reported_at_once() -> None:
    found = problems(
        programme={"currency": "?", "timezone": "?"}, web={"port": -1}, earning={"message": {"points": -1}}
    )
    assert len(found) == 4


@pytest.mark.parametrize("section", ["programme", "telegram", "discord", "web", "bonus", "privacy"])
def test_unknown_keys_are_errors(section: str) -> None:
    assert problems(**{section: {"colour": "red"}}) == [f"{section}.colour"]
    assert problems(colour="red") == ["colour"]


def test_a_webhook_needs_an_address_and_a_secret() -> None:
    whole = {"mode": "webhook", "webhook_url": "https://x.example", "webhook_secret": "a" * 16}
    assert Config.model_validate({"telegram": whole}).telegram.mode == "webhook"
    for missing in ("webhook_url", "webhook_secret"):
        problems(telegram={key: value for key, value in whole.items() if key != missing})
    problems(telegram=whole | {"webhook_secret": "short"})
    problems(telegram=whole | {"webhook_secret": "with a blank here"})


@pytest.mark.parametrize(
    "about",
    [
        {"repeat": None},
        {"repeat": None, "starts": "2026-03-01"},
        {"repeat": None, "starts": "2026-03-02", "ends": "2026-03-01"},
        {"ends": "2026-03-01"},
        {"points": 0},
        {"goal": 0},
        {"id": "Hello World"},
        {"title": {"en": "only one"}},
        {"donation": 5},
        {"cause": "trees", "donation": 5, "points": 0},
        {"cause": "trees", "donation": 5, "points": 0, "together": True},
        {"counts": "steps"},
        {"counts": None},
        {"daily": True},
        {"question": [QUESTION]},
        {"reward": "raffle"},
        {"reward": "losowanie"},
        {"reward": "szczęśliwy los"},
        {"title": {"en": "Cups", "pl": "Wylosuj kubek"}},
        {"reward": "fastest"},
        {"reward": "first", "counts": "messages", "kind": "days"},
        {"reward": "first", "counts": "purchases", "together": True},
        {"counts": "votes", "reward": "best"},
        {"counts": "votes", "reward": "everyone", "space": "telegram:-1"},
        {"counts": "votes", "reward": "best", "space": "telegram:-1", "hidden": True},
        {"counts": "votes", "reward": "best", "space": "telegram:-1", "weekdays": ["monday"]},
        {"photos": True},
        {"hands_in": "text"},
        {"review": True},
        {"least": 5},
        {"counts": "hand_ins"},
        {"counts": "hand_ins", "hands_in": "poem"},
        {"counts": "hand_ins", "hands_in": "photo"},
        {"counts": "hand_ins", "hands_in": "photo", "review": True},
        {"counts": "hand_ins", "hands_in": "number", "review": True, "space": "telegram:-1"},
        {"counts": "hand_ins", "hands_in": "link", "least": 5},
        {"counts": "hand_ins", "hands_in": "photo", "review": True, "space": "telegram:-1", "together": True},
        {"counts": "hand_ins", "hands_in": "text", "least": 0},
        {"counts": "hand_ins", "hands_in": "text", "most": 5},
        {"counts": "hand_ins", "hands_in": "number", "least": 5, "most": 4},
        {"counts": "hand_ins", "hands_in": "text", "hidden": True},
        {"counts": "hand_ins", "hands_in": "text", "reward": "best"},
        {"counts": "hand_ins", "hands_in": "text", "reward": "first"},
        {"counts": "hand_ins", "hands_in": "text", "kind": "sum"},
    ],
    ids=str,
)
def test_a_challenge_must_make_sense(about: dict[str, Any]) -> None:
    problems(challenge=[challenge(**about)])


@pytest.mark.parametrize(
    ("about", "place"),
    [
        ({"question": []}, ""),
        ({"goal": 2}, ".goal"),
        ({"counts": "purchases"}, ".counts"),
        ({"reward": "first"}, ".reward"),
        ({"together": True}, ".together"),
        ({"question": [QUESTION] * 11}, ".question"),
        ({"question": [QUESTION | {"right": 3}]}, ".question.0.right"),
        ({"question": [QUESTION | {"text": {"en": "only one"}}]}, ".question.0.text.pl"),
        ({"question": [QUESTION | {"answers": [TITLE, {"pl": "Nie"}]}]}, ".question.0.answers.1.en"),
        ({"question": [QUESTION | {"answers": [TITLE]}]}, ".question.0.answers"),
    ],
    ids=str,
)
def test_a_quiz_must_make_sense(about: dict[str, Any], place: str) -> None:
    quiz = {key: value for key, value in challenge(kind="quiz", goal=1, question=[QUESTION]).items() if key != "counts"}
    assert Config.model_validate({"challenge": [quiz]}).challenge[0].question[0].right == 1
    assert (
        len(Config.model_validate({"challenge": [quiz | {"daily": True, "question": [QUESTION] * 11}]}).challenge) == 1
    )
    assert problems(challenge=[quiz | about]) == [f"challenge.0{place}"]


def test_a_donation_goes_to_a_cause_of_the_catalogue() -> None:
    trees = {"id": "trees", "kind": "donation", "cost": 10, "name": {"en": "Trees", "pl": "Drzewa"}}
    goal = challenge(together=True, cause="trees", donation=5, points=0)
    assert Config.model_validate({"challenge": [goal], "reward": [trees]}).challenge[0].donation == 5
    assert problems(challenge=[goal], reward=[trees | {"kind": "product"}]) == ["challenge.0.cause"]
    assert problems(challenge=[goal | {"donation": 0}], reward=[trees]) == ["challenge.0.donation"]
    assert problems(challenge=[goal | {"points": 5}], reward=[trees]) == ["challenge.0.points"]


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ({"id": "other"}, "should be the id of another [[challenge]]"),
        ({"reward": "best"}, "tells nobody before its end"),
        ({"together": True}, "tells nobody before its end"),
        ({"kind": "quiz", "counts": None, "goal": 1, "question": [QUESTION]}, "tells nobody before its end"),
        ({"counts": "votes", "reward": "best", "space": "telegram:-1"}, "tells nobody before its end"),
        ({"after": "second"}, "follows this one in turn"),
    ],
    ids=str,
)
def test_what_follows_a_challenge_must_be_able_to_open(first: dict[str, Any], says: str) -> None:
    second = challenge(id="second", after="first")
    for reward in ("everyone", "first"):
        fine = {"challenge": [second, challenge(id="first", reward=reward)]}
        assert Config.model_validate(fine).challenge[0].after == "first"
    about = {name: value for name, value in challenge(**{"id": "first"} | first).items() if value is not None}
    with pytest.raises(ValidationError, match=re.escape(says)) as caught:
        Config.model_validate({"challenge": [about, second]})
    assert caught.value.errors()[-1]["loc"] == ("challenge", 1, "after")
    problems(challenge=[challenge(after="hello")])
    both = [challenge(id="first"), second | {"joining": True}]
    assert problems(challenge=both) == ["challenge.1.joining"]
    assert problems(challenge=[both[0], second | {"together": True}]) == ["challenge.1.after"]


def test_a_season_must_make_sense() -> None:
    season = {"id": "a", "title": {"en": "Spring", "pl": "Wiosna"}, "starts": "2026-03-02", "ends": "2026-03-30"}
    assert len(Config.model_validate({"season": [season, season | {"id": "b"}]}).season) == 2
    problems(season=[season, season])
    wrong = {"ends": "2026-03-01", "title": {"en": "Spring"}, "prize_points": [-1]}
    assert problems(season=[season | wrong]) == ["season.0.prize_points.0", "season.0.ends", "season.0.title.pl"]


def test_two_challenges_need_two_ids() -> None:
    problems(challenge=[challenge(), challenge()])
    assert len(Config.model_validate({"challenge": [challenge(), challenge(id="other")]}).challenge) == 2


@pytest.mark.parametrize(
    ("about", "problem"),
    [
        ({"multiplier": 0.9}, "tier.0.multiplier"),
        ({"multiplier": "1.2345"}, "tier.0.multiplier"),
        ({"multiplier": 1e-9}, "tier.0.multiplier"),
        ({"multiplier": 100.5}, "tier.0.multiplier"),
        ({"multiplier": True}, "tier.0.multiplier"),
        ({"threshold": 0}, "tier.0.threshold"),
        ({"name": {"en": "Gold"}}, "tier.0.name.pl"),
        ({"perks": {"pl": "Kawa"}}, "tier.0.perks.en"),
        ({"id": "Gold!"}, "tier.0.id"),
        ({"reward_discount": 91}, "tier.0.reward_discount"),
        ({"telegram_tag": {"en": "Gold"}}, "tier.0.telegram_tag.pl"),
        ({"telegram_tag": {"en": "Gold ⭐", "pl": "Złoty"}}, "tier.0.telegram_tag.en"),
        ({"telegram_tag": {"en": "Gold", "pl": "Złoty na zawsze i w ogóle"}}, "tier.0.telegram_tag.pl"),
        ({"discord_roles": {"1029384756102938475": "gold"}}, "tier.0.discord_roles.1029384756102938475"),
        ({"telegram_group": "vip"}, "tier.0.telegram_group"),
    ],
    ids=str,
)
def test_a_tier_must_make_sense(about: dict[str, Any], problem: str) -> None:
    assert problems(tier=[{"id": "gold", "name": TITLE, "threshold": 5} | about]) == [problem]


def test_two_tiers_need_two_ids_and_two_thresholds() -> None:
    gold = {"id": "gold", "name": TITLE, "threshold": 5}
    assert problems(tier=[gold, gold | {"threshold": 6}]) == ["tier.1.id"]
    assert problems(tier=[gold, gold | {"id": "silver"}]) == ["tier.1.threshold"]


def test_a_reward_must_make_sense() -> None:
    mug = {"id": "mug", "cost": 5, "name": TITLE}
    gold = {"id": "gold", "name": TITLE, "threshold": 5}
    assert problems(reward=[mug | {"tier": "silver"}], tier=[gold]) == ["reward.0.tier"]
    assert Config.model_validate({"reward": [mug | {"tier": "gold"}], "tier": [gold]}).reward[0].tier == "gold"
    assert problems(reward=[mug | {"kind": "role"}]) == ["reward.0.discord_roles"]
    assert problems(reward=[mug | {"kind": "group", "telegram_group": "-100"}]) == ["reward.0.telegram_invite"]


def test_a_badge_must_make_sense() -> None:
    names = {"en": "Five repairs", "pl": "Pięć napraw"}
    repair = {"action": {"repair": {"points": 1, "title": names}}}
    own = {"id": "repairer", "counts": "actions", "actions": ["repair"], "goal": 5, "name": names}
    assert Config.model_validate({"earning": repair, "badge": [own]}).badge[0].goal == 5
    assert problems(badge=[own]) == ["badge.0.actions"]
    assert problems(earning=repair, badge=[own | {"actions": []}, own]) == ["badge.0.actions", "badge.1.id"]
    assert problems(earning=repair, badge=[own | {"counts": "hand"}]) == ["badge.0.actions"]
    assert problems(badge=[{"id": "fan", "name": {"pl": "Fan"}}]) == ["badge.0.name.en"]
    assert problems(badge=[{"id": "fan"}]) == ["badge.0.name.en", "badge.0.name.pl"]
    streak = own | {"counts": "streak", "actions": []}
    assert problems(badge=[streak | {"goal": 1001}]) == ["badge.0.goal"]
    assert Config.model_validate({"badge": [streak | {"goal": 1000}]}).badge[0].goal == 1000
    assert problems(badge=[{"id": "year", "counts": "hand", "goal": 2}]) == ["badge.0.counts", "badge.0.goal"]
    assert len(Config.model_validate({"badge": [{"id": "year", "enabled": False}, {"id": "event-goer"}]}).badge) == 2


def test_a_stamp_card_must_make_sense() -> None:
    card = {"id": "coffee", "title": TITLE, "reward": TITLE}
    assert Config.model_validate({"stamp_card": [card]}).stamp_card[0].stamps == 10
    wrong = {"stamps": 1, "daily_cap": 0, "minimum_amount": "-1", "reward": {"pl": "Kawa"}}
    broken = [f"stamp_card.0.{name}" for name in ("stamps", "minimum_amount", "daily_cap", "reward.en")]
    assert problems(stamp_card=[card | wrong]) == broken
    assert problems(stamp_card=[card, card]) == ["stamp_card.1.id"]
    assert problems(stamp_card=[card | {"product": "tea", "by_purchase": False}]) == ["stamp_card.0.product"] * 2
    tea = {"id": "tea", "name": TITLE, "categories": ["tea"]}
    assert Config.model_validate({"stamp_card": [card | {"product": "tea"}], "product": [tea]})
    no_points = tea | {"multiplier": 0}
    assert problems(stamp_card=[card | {"product": "tea"}], product=[no_points]) == ["stamp_card.0.product"]


def test_every_broken_rule_between_settings_is_named_once() -> None:
    found = problems(
        programme={"languages": ["en"], "default_language": "pl", "currency": "?"},
        telegram={"mode": "webhook", "token": "a b"},
        challenge=[
            challenge(repeat=None, points=0),
            challenge(repeat=None, starts="2026-03-02", ends="2026-03-01", goal=0),
            challenge(title={"pl": "Cześć"}),
        ],
    )
    assert found == [
        "programme.currency",
        "programme.default_language",
        "telegram.token",
        "telegram.webhook_url",
        "telegram.webhook_secret",
        "challenge.0",
        "challenge.0",
        "challenge.1.goal",
        "challenge.1.id",
        "challenge.1.ends",
        "challenge.2.id",
        "challenge.2.title.en",
    ]


def test_rules_hold_between_sections_made_in_code_too() -> None:
    with pytest.raises(ValidationError):
        Config(programme=Programme(languages=("pl",)))
    whole = Programme(languages=("pl",), default_language="pl")
    assert Config(programme=whole).programme is whole
    assert problems(programme=whole, challenge=[challenge(title={"en": "Hello"})]) == ["challenge.0.title.pl"]


@pytest.mark.parametrize("year", [1999, 2026, 9998])
def test_a_challenge_that_happens_once_may_be_at_any_time(year: int) -> None:
    once = challenge(repeat=None, starts=f"{year}-12-31", ends=f"{year + 1}-01-01")
    assert Config.model_validate({"challenge": [once]}).challenge[0].starts == date(year, 12, 31)


def test_the_default_language_is_one_of_the_languages() -> None:
    problems(programme={"languages": ["pl"], "default_language": "en"})


def test_secrets_never_show() -> None:
    config = Config.model_validate({
        "telegram": {"token": "123:SECRET", "webhook_secret": "SECRETSECRETSECRET"}, "discord": {"token": "SECRET"},
    })  # fmt: skip
    for shown in (repr(config), str(config), config.model_dump_json(), str(config.model_dump())):
        assert "SECRET" not in shown


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError):
        setattr(Config().bonus, "max_points", 1)  # noqa: B010


def test_a_rule_version_changes_with_its_rule_alone() -> None:
    before, after = RuleBook.of(Config()), RuleBook.of(Config.model_validate({"earning": {"message": {"points": 2}}}))
    assert before["message"] != after["message"]
    assert before["purchase"] == after["purchase"]
    assert len({version.id for version in before.all()}) == len(before.all())


def test_the_rules_version_changes_with_their_text() -> None:
    written = Config.model_validate({"programme": {"rules": {"en": "Be kind.", "pl": "Bądź miły."}}})
    assert rules_version(Config()) != rules_version(written)
    assert rules_version(Config()) == rules_version(Config())


@pytest.mark.parametrize(
    ("about", "wrong"),
    [
        ({"secret": None}, ["shop.0.secret"]),
        ({"secret": "short"}, ["shop.0.secret"]),
        ({"old_secret": "x"}, ["shop.0.old_secret"]),
        ({"id": "till"}, ["shop.0.id"]),
        ({"kind": "square"}, ["shop.0.notification_url"]),
        ({"kind": "amazon", "currency": "XXX"}, ["shop.0.kind", "shop.0.currency"]),
    ],
)
def test_a_shop_must_be_able_to_prove_itself(about: dict[str, Any], wrong: list[str]) -> None:
    shop = {"id": "web", "kind": "generic", "secret": "a-long-made-up-word"}
    assert Config.model_validate({"shop": [shop]}).shop[0].secrets == ("a-long-made-up-word",)
    assert problems(shop=[shop | about]) == wrong
    assert problems(shop=[shop, shop]) == ["shop.1.id"]


_WOOCOMMERCE = {"kind": "woocommerce", "api_base_url": "https://x.example", "api_key": "ck_1", "api_secret": "cs_1"}


@pytest.mark.parametrize(
    ("about", "wrong"),
    [
        ({}, []),
        ({"kind": "shopify"}, []),
        ({"api_base_url": "http://127.0.0.1:80"}, []),
        ({"api_base_url": "http://x.example"}, ["api_base_url"]),
        ({"api_base_url": "x.example"}, ["api_base_url"]),
        ({"api_base_url": None}, ["api_base_url"]),
        ({"api_key": None, "api_secret": None}, ["api_key", "api_secret"]),
        ({"kind": "shopify", "api_key": None}, []),
        ({"kind": "shopify", "api_secret": None}, ["api_secret"]),
        ({"kind": "stripe"}, ["api_base_url"]),
    ],
)
def test_a_shop_is_read_back_if_all_it_takes_is_there(about: dict[str, Any], wrong: list[str]) -> None:
    shop = {"id": "web", "secret": "a-long-made-up-word"} | _WOOCOMMERCE | about
    if wrong:
        assert problems(shop=[shop]) == [f"shop.0.{key}" for key in wrong]
    else:
        assert Config.model_validate({"shop": [shop]}).shop[0].is_read_back


@pytest.mark.parametrize(
    ("about", "wrong"),
    [
        ({}, []),
        ({"sender": None}, ["sender"]),
        ({"host": None}, ["host"]),
        ({"sender": "Club <club@x.example>"}, ["sender"]),
        ({"password": None}, ["password"]),
        ({"username": None}, ["username"]),
        ({"username": None, "password": None, "security": "none"}, []),
        ({"security": "none"}, ["security"]),
        ({"security": "none", "host": "127.0.0.1"}, []),
        ({"security": "ssl", "port": 0}, ["port", "security"]),
    ],
)
def test_a_mail_server_is_whole_or_not_there(about: dict[str, Any], wrong: list[str]) -> None:
    smtp = {"host": "smtp.x.example", "sender": "club@x.example", "username": "club", "password": "secret"} | about
    if wrong:
        assert problems(smtp=smtp) == [f"smtp.{key}" for key in wrong]
    else:
        assert Config.model_validate({"smtp": smtp}).smtp.is_on
