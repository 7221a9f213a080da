"""What a challenge made in chat is tied to: the one that must be done before it, and the cause its reward goes to."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.challenges.terms import Terms
from bot.errors import UserError
from bot.rewards.rewards import Reward, RewardKind
from handlers.call import Call
from handlers.challenges.grouping import known, meant
from handlers.forms import Answers, Choice, in_rows
from handlers.pages import in_language
from handlers.rewards import steps as reward_steps
from handlers.rewards.donating import causes
from storage.challenges.rounds import Round
from storage.transaction import Transaction


class ChallengeToFollowOver(UserError):
    """The challenge that was to be followed is not on any more."""

    template = "challenge_to_follow_over"


class CauseGone(UserError):
    """The cause that was chosen is not offered any more."""

    template = "challenge_cause_gone"


def known_ties(call: Call, tx: Transaction) -> dict[str, Any]:
    """Return what the form knows from its beginning: groups, causes, and the challenges that can be followed."""
    followed = [
        [one.challenge, dict(one.terms.title), one.terms.measure.space_id] for one in _that_can_be_followed(call, tx)
    ]
    found = [[reward.key, dict(reward.terms.name)] for reward in causes(tx)]
    return known(call, tx) | {"followed": followed, "causes": found}


def _that_can_be_followed(call: Call, tx: Transaction) -> list[Round]:
    """Return the rounds that are on and tell at once who has done them; hidden ones nowhere but in private."""
    return [
        one
        for one in tx.challenges.open_rounds()
        if one.terms.tells_at_once and one.closes_at > tx.now and (call.space is None or not one.terms.is_hidden)
    ]


def to_follow(call: Call, answers: Answers) -> list[tuple[str, dict[str, str]]]:
    """Return the (challenge, title by language) of those that it may follow: of the whole club, or of its group."""
    space_id = meant(call, answers)
    return [
        (challenge, title)
        for challenge, title, of_space in answers.get("followed", ())
        if space_id is None or of_space in (None, space_id)
    ]


def follows(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    """Offer the challenges that it may follow, and none."""
    titles = [_named(challenge, title, call) for challenge, title in to_follow(call, answers)]
    return in_rows([Choice("challenge_follows_none", reward_steps.NONE), *titles])


def for_causes(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    """Offer the causes of the catalogue, and none."""
    names = [_named(key, name, call) for key, name in answers.get("causes", ())]
    return in_rows([Choice("challenge_no_cause", reward_steps.NONE), *names])


def _named(value: str, name: dict[str, str], call: Call) -> Choice:
    return Choice("as_is", value, {"text": in_language(name, call.language)})


def tied(terms: Terms, call: Call, tx: Transaction, answers: Answers) -> Terms:
    """Return terms with what they follow and what they are for, which must be there still.

    What everybody would get goes to the cause, once. Raises ChallengeToFollowOver and CauseGone.
    """
    if answers.get("follows"):
        if answers["follows"] not in {one.challenge for one in _that_can_be_followed(call, tx)}:
            raise ChallengeToFollowOver()
        terms = replace(terms, after=answers["follows"])
    if answers.get("cause"):
        name = dict(_cause(answers["cause"], tx).terms.name)
        terms = replace(terms, cause=answers["cause"], cause_name=name, donation=terms.points, points=0, status=0)
    return terms


def _cause(key: str, tx: Transaction) -> Reward:
    found = tx.rewards.by_key(key)
    if found is None or found.is_stopped or found.terms.kind is not RewardKind.DONATION:
        raise CauseGone()
    return found


def followed_title(call: Call, answers: Answers) -> dict[str, str] | None:
    """Return the title of the challenge it follows, by language; None where it follows none."""
    return dict(to_follow(call, answers)).get(answers.get("follows", ""))
