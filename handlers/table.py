"""The one table of handlers. A command, button or form that is not named here does not exist."""

from collections.abc import Callable

from bot.commands import CommandSpec
from bot.config.config import Config
from bot.observing import NOBODY, Observer
from handlers.app import App
from handlers.badges import giving, profile
from handlers.badges import showing as badges
from handlers.boards import archive, own_place, special, standings, whole
from handlers.challenges import judging, showing
from handlers.challenges import reviewing as hand_ins
from handlers.challenges.handing_in import HANDIN, handin_handlers
from handlers.challenges.making import MAKING
from handlers.challenges.menu import challenge_handlers
from handlers.codes import claims
from handlers.coupons import own as own_coupons
from handlers.coupons import sharing, taking, using
from handlers.duels import challenging
from handlers.forms import Forms
from handlers.help import help_command
from handlers.meetups.making import MEETUP, meetup_handlers
from handlers.members import account, aliases, contacts, membership, roles, zones
from handlers.operating.alerts import Disk
from handlers.points import actions, bonus, gifts, thanks, why
from handlers.purchases import recording as purchases
from handlers.purchases import till
from handlers.quizzes import answering as quizzes
from handlers.quizzes.making import QUIZ
from handlers.referrals import ambassadors, inviting, reviewing
from handlers.registry import Registry
from handlers.rewards import donating
from handlers.rewards import ladder as rewards
from handlers.rewards.editing import ADDING, CHANGING, reward_handlers
from handlers.spaces.setup import SETUP, setup_command
from handlers.stamps import cards as stamps
from handlers.tiers import holding as tiers
from handlers.timetable import build_jobs
from storage.engine.database import Database

FORMS = (SETUP, till.TILL, ADDING, *CHANGING, MAKING, QUIZ, MEETUP, HANDIN)
"""Every form there is."""


def build_app(
    database: Database, config: Config, observer: Observer = NOBODY, disk: Callable[[], Disk | None] = lambda: None
) -> App:
    """Return the app over a database. Call its `start` before the first event.

    `observer` is told what is done; `disk` tells the room on the database's disk, None where that is not known.
    """
    forms = Forms(FORMS)
    registry = build_registry(forms, left_out=_left_out(config))
    return App(database, registry, forms, build_jobs(config), config, observer, disk)


def _left_out(config: Config) -> frozenset[str]:
    """Return the commands of what is switched off: whoever says one is told so, but no menu shows it."""
    off = {"gift": not config.gifts.enabled, "duel": not config.duels.enabled}
    off |= {"thanks": not config.earning.thanks.status}
    off |= {"action": not config.earning.action, "tier": not config.tier}
    off |= dict.fromkeys(("invite", "referrals", "ambassador"), not config.earning.referral.enabled)
    return frozenset(name for name, is_off in off.items() if is_off)


def build_registry(forms: Forms, left_out: frozenset[str] = frozenset()) -> Registry:
    """Return every command, in the order of the menus, and every button. Those in `left_out` are in no menu."""
    specs: list[CommandSpec] = []
    registry = Registry.of(
        [
            membership.start,
            account.balance,
            account.history,
            why.why,
            standings.rank,
            standings.leaderboard,
            showing.challenges,
            *handin_handlers(forms),
            challenging.duel,
            thanks.thanks,
            tiers.tier,
            rewards.rewards,
            rewards.redeem,
            donating.donate,
            gifts.gift,
            own_coupons.own_coupons,
            stamps.stamps,
            profile.profile,
            badges.badges,
            account.card,
            inviting.invite,
            claims.claim_command,
            claims.checkin,
            contacts.link,
            membership.rules,
            account.language,
            aliases.alias,
            zones.timezone,
            purchases.purchase,
            purchases.refund,
            actions.action,
            contacts.confirm,
            stamps.stamp,
            using.use,
            bonus.bonus,
            giving.badge,
            aliases.unalias,
            reviewing.referrals,
            hand_ins.handins,
            *reward_handlers(forms),
            *challenge_handlers(forms),
            judging.move,
            judging.turn_page,
            *meetup_handlers(forms),
            roles.grant_role,
            ambassadors.ambassador,
            setup_command(forms),
            membership.leave,
            account.cancel,
            help_command(specs, {"donate": lambda tx: bool(donating.causes(tx))}),
            # buttons
            ambassadors.turn_page,
            membership.show_rules_to_join,
            membership.accept,
            membership.leave_confirmed,
            membership.stay,
            account.history_page,
            why.pick,
            why.explain,
            account.language_chosen,
            zones.zone_chosen,
            standings.my_place,
            standings.hide_pressed,
            whole.whole_board,
            special.whole_special,
            own_place.my_special_place,
            archive.seasons_page,
            archive.season_pressed,
            purchases.purchase_confirmed,
            purchases.purchase_dropped,
            purchases.refund_confirmed,
            purchases.refund_dropped,
            till.purchase,
            till.key,
            actions.action_picked,
            actions.actions_page,
            contacts.unlinked,
            contacts.at_till,
            contacts.code_typed,
            showing.challenges_page,
            showing.join,
            showing.celebrate,
            quizzes.answered,
            quizzes.asked,
            hand_ins.queue,
            hand_ins.accepted,
            hand_ins.asked,
            hand_ins.refused,
            challenging.picked,
            challenging.accepted,
            challenging.declined,
            challenging.withdrawn,
            challenging.given_up,
            challenging.listed,
            rewards.rewards_page,
            rewards.reward_picked,
            rewards.redeem_confirmed,
            rewards.redeem_dropped,
            donating.donate_confirmed,
            gifts.gift_confirmed,
            gifts.gift_dropped,
            own_coupons.coupons_page,
            own_coupons.displayed,
            own_coupons.give_back_asked,
            own_coupons.give_back_confirmed,
            own_coupons.kept,
            sharing.share,
            sharing.share_anew,
            sharing.unshare,
            taking.taken,
            reviewing.approved,
            reviewing.refused,
            stamps.stamp_at_till,
            stamps.stamp_picked,
            using.coupons_at_till,
            using.coupon_picked,
            using.use_confirmed,
            *forms.handlers(),
        ],
        left_out,
    )
    specs.extend(registry.specs)
    return registry
