"""The catalogue as staff change it: rewards added, changed, stopped and offered again, guided by buttons."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.commands import ChoiceParam, WordParam
from bot.files.pictures import is_kept
from bot.keys import key_of
from bot.members.roles import Role
from bot.replies import Button, Reply, Rows, Visibility, reply
from bot.rewards.offers import facts
from bot.rewards.rewards import LimitPeriod, OnExpiry, Reward, RewardKind, Terms
from bot.tiers.tiers import ladder_of
from handlers.call import Call
from handlers.forms import Answers, Form, Forms, Step
from handlers.pages import in_language, page_turns
from handlers.registry import Handler, button, command
from handlers.resolve import check_role
from handlers.rewards import steps
from handlers.rewards.ladder import find, picture_of_reward
from storage.transaction import Transaction

_ACTIONS = ("add", "edit", "stop", "resume")
_ON_A_PAGE, _IN_A_ROW, _FIELDS_IN_A_ROW = 8, 2, 3
_ROLE = Role.MODERATOR


def _with_answers(reward: Reward, answers: Answers) -> Reward:
    """Return a reward with what was answered; what was not asked stays as it is."""
    terms = reward.terms
    terms = replace(
        terms,
        name=_words(terms.name, "name", answers),
        text=_words(terms.text, "text", answers),
        kind=RewardKind(answers.get("kind", terms.kind)),
        valid_days=answers.get("valid_days", terms.valid_days),
        on_expiry=OnExpiry(answers.get("on_expiry", terms.on_expiry)),
        opens=steps.opens_of(answers) or terms.opens,
        picture=answers.get("picture", terms.picture),
        is_shareable=answers.get("is_shareable", terms.is_shareable),
    )
    changed = replace(reward, terms=terms, cost=answers.get("cost", reward.cost))
    if changed.terms.kind is RewardKind.POOL and not reward.id:
        changed = replace(changed, stock=0)
    if "stock" in answers:
        changed = replace(changed, stock=None if answers["stock"] == steps.NONE else answers["stock"])
    if "limit_period" in answers:
        period = LimitPeriod(answers["limit_period"] or LimitPeriod.EVER)
        changed = replace(changed, limit_count=answers.get("limit_count"), limit_period=period)
    if "tier" in answers:
        changed = replace(changed, tier=answers["tier"] or None)
    if "has_discounts" in answers:
        changed = replace(changed, has_discounts=answers["has_discounts"])
    return changed


def _words(before: Any, what: str, answers: Answers) -> dict[str, str]:
    answered = {language: answers.get(f"{what}_{language}", before.get(language)) for language in steps.LANGUAGES}
    return {language: words for language, words in answered.items() if words}


_BLANK = Reward(0, "", Terms({}, {}), 0)


def _added(call: Call, tx: Transaction, answers: Answers) -> Reply:
    reward = _with_answers(_BLANK, answers)
    if reward.terms.kind.gives_access:
        check_role(call, Role.OWNER)
    taken = {known.key for known in tx.rewards.all()}
    reward = replace(reward, key=key_of(in_language(reward.terms.name, call.language), taken, "reward"))
    tx.rewards.add(reward)
    added = tx.rewards.by_key(reward.key)
    assert added is not None
    buttons = ((_change(added, "picture"),),)
    saved = _in_place("reward_saved", buttons=buttons, is_new=True, file=None, **facts(reward, ladder_of(call.rules)))
    return replace(saved, edit=True)


def _changed(call: Call, tx: Transaction, answers: Answers) -> Reply:
    reward = tx.rewards.by_id(answers["reward"])
    assert reward is not None
    changed = _with_answers(reward, answers)
    tx.rewards.change(changed)
    shown = facts(changed, ladder_of(call.rules))
    picture = picture_of_reward(changed, changed.cost)
    named = answers.get("picture") or None
    file = None if named is None or is_kept(named) else named
    buttons = _fields_to_change(changed, call)
    return _in_place("reward_saved", buttons=buttons, picture=picture, is_new=False, file=file, **shown)


def _in_place(template: str, **about: Any) -> Reply:
    """Return what a reward is changed by: in a group it stays there like the questions it leads to."""
    return replace(reply(template, **about), visibility=Visibility.PUBLIC)


def _needed(field: str) -> Role:
    """Return the role that may change a field: what a reward opens on a platform is for owners to say."""
    return Role.OWNER if field in ("role", "group") else _ROLE


ADDING = Form(
    "reward_add",
    _ROLE,
    (
        steps.KIND,
        steps.ROLE,
        steps.GROUP,
        *steps.NAMES,
        *steps.TEXTS,
        steps.COST,
        steps.TIER,
        steps.DISCOUNTS,
        steps.STOCK,
        steps.PERIOD,
        steps.COUNT,
        steps.VALIDITY,
        steps.EXPIRY,
        steps.CONFIRM,
    ),
    _added,
)
CHANGED: dict[str, tuple[Step, ...]] = {
    "name": steps.NAMES,
    "text": steps.TEXTS,
    "picture": (steps.PICTURE,),
    "cost": (steps.COST,),
    "stock": (steps.STOCK,),
    "limit": (steps.PERIOD, steps.COUNT),
    "validity": (steps.VALIDITY, steps.EXPIRY),
    "role": (steps.ROLE,),
    "group": (steps.GROUP,),
    "tier": (steps.TIER,),
    "discounts": (steps.DISCOUNTS,),
    "sharing": (steps.SHARING,),
}
CHANGING = tuple(Form(f"reward_{field}", _needed(field), asked, _changed) for field, asked in CHANGED.items())


def _fields_to_change(reward: Reward, call: Call) -> Rows:
    known = _known(reward)
    fields = [
        field
        for field, asked in CHANGED.items()
        if call.may(_needed(field)) and any(step.applies(call, known) for step in asked)
    ]
    buttons = [_change(reward, field) for field in fields]
    return tuple(tuple(buttons[first : first + _FIELDS_IN_A_ROW]) for first in range(0, len(buttons), _FIELDS_IN_A_ROW))


def _change(reward: Reward, field: str) -> Button:
    return Button(f"reward_change_{field}", "reward.change", {"reward": reward.id, "field": field})


def _known(reward: Reward) -> Answers:
    """Return what the questions about a reward that there is begin with."""
    return {"reward": reward.id, "kind": reward.terms.kind.value}


def reward_handlers(forms: Forms) -> list[Handler]:
    """Return /reward and its buttons over the forms they begin."""

    @command(
        "reward",
        params=[
            ChoiceParam("action", choices=_ACTIONS),
            WordParam("reward", required=False, completes=True, limit=40),
        ],
        role=_ROLE,
    )
    def reward(call: Call, tx: Transaction) -> Reply:
        """Add a reward, or change, stop or resume one; without naming one, offer those there are."""
        action, key = call.args.action, call.args.reward
        if action == "add":
            return forms.begin(ADDING.name, call, tx, {})
        if key is None:
            return _choose(action, 0, call, tx)
        return _act(action, find(key, tx), call, tx)

    @button("reward.which", role=_ROLE)
    def which(call: Call, tx: Transaction) -> Reply:
        return replace(_choose(call.data["action"], call.data["page"], call, tx), edit=True)

    @button("reward.act", role=_ROLE)
    def act(call: Call, tx: Transaction) -> Reply:
        return replace(_act(call.data["action"], _of(call, tx), call, tx), edit=True)

    @button("reward.change", role=_ROLE)
    def change(call: Call, tx: Transaction) -> Reply:
        found = _of(call, tx)
        return forms.begin(f"reward_{call.data['field']}", call, tx, _known(found))

    return [reward, which, act, change]


def _of(call: Call, tx: Transaction) -> Reward:
    reward = tx.rewards.by_id(call.data["reward"])
    assert reward is not None
    return reward


def _choose(action: str, page: int, call: Call, tx: Transaction) -> Reply:
    found = _open_to(action, tx)
    on_page = found[page * _ON_A_PAGE : (page + 1) * _ON_A_PAGE]
    picks = [
        Button(
            "as_is",
            "reward.act",
            {"action": action, "reward": reward.id},
            {"text": in_language(reward.terms.name, call.language)},
        )
        for reward in on_page
    ]
    rows: Rows = tuple(tuple(picks[first : first + _IN_A_ROW]) for first in range(0, len(picks), _IN_A_ROW))
    has_more = len(found) > (page + 1) * _ON_A_PAGE
    rows += page_turns("reward.which", page, {"action": action}, has_more=has_more)
    return _in_place("reward_which", buttons=rows, action=action, is_empty=not found)


def _open_to(action: str, tx: Transaction) -> Sequence[Reward]:
    if action == "edit":
        return tx.rewards.all()
    return [reward for reward in tx.rewards.all() if reward.is_stopped == (action == "resume")]


def _act(action: str, reward: Reward, call: Call, tx: Transaction) -> Reply:
    if action == "edit":
        shown = facts(reward, ladder_of(call.rules))
        picture = picture_of_reward(reward, reward.cost)
        return _in_place("reward_edit", buttons=_fields_to_change(reward, call), picture=picture, **shown)
    tx.rewards.change(replace(reward, is_stopped=action == "stop"))
    name = dict(reward.terms.name)
    if action == "stop":
        return reply("reward_ended", name=name, key=reward.key, coupons=tx.coupons.open_of_reward(reward.id))
    return reply("reward_resumed", name=name)
