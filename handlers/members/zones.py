"""Members' own time zones: chosen by city, name or difference from UTC, seldom, and used for what is by their clock."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands import TextParam
from bot.members.zones import CHANGES_APART, OFFSETS, ZoneTooSoon, changes, shown, zone_at, zone_of
from bot.replies import Button, Reply, Rows, reply
from handlers.call import Call
from handlers.registry import button, command
from storage.transaction import Transaction

_OFF = "off"
_BUTTONS_A_ROW = 5


@command("timezone", params=[TextParam("zone", required=False, completes=True, limit=40)])
def timezone(call: Call, tx: Transaction) -> Reply:
    """Say which time zone is the member's, or change it; with "off" it is the club's again."""
    given = call.args.zone
    if given is not None:
        return _chosen(None if given.lower() == _OFF else zone_of(given), call, tx)
    zone = call.actor.timezone
    return reply("timezone", buttons=_offsets(), **_about(zone, call))


@button("zone.choose")
def zone_chosen(call: Call, tx: Transaction) -> Reply:
    """Take the difference from UTC whose button was pressed."""
    return replace(_chosen(zone_at(call.data["hours"]), call, tx), edit=True)


def _chosen(zone: str | None, call: Call, tx: Transaction) -> Reply:
    if zone != call.actor.timezone:
        _change(zone, call, tx)
    return reply("timezone_set", **_about(zone, call))


def _change(zone: str | None, call: Call, tx: Transaction) -> None:
    """Let a zone hold from tomorrow on, unless the one that holds has not done so for long. Raises ZoneTooSoon."""
    zones = tx.member_zones.of(call.actor.id)
    passed = [change.since for change in zones.changes if change.since <= tx.now]
    if passed and tx.now < passed[-1] + CHANGES_APART:
        raise ZoneTooSoon(days=CHANGES_APART.days, again_at=passed[-1] + CHANGES_APART)
    wanted, now = zone or tx.zone.key, zones.at(tx.now)
    coming = [] if wanted == now.key else list(changes(tx.now, now, wanted))
    if zone is None and coming:
        coming[-1] = replace(coming[-1], zone="")
    tx.member_zones.choose(call.actor.id, zone, coming)


def _about(zone: str | None, call: Call) -> dict[str, Any]:
    there = call.zone if zone is None else ZoneInfo(zone)
    return {"zone": shown(there.key), "is_own": zone is not None, "clock": call.now.astimezone(there).strftime("%H:%M")}


def _offsets() -> Rows:
    buttons = [
        Button("zone_offset", "zone.choose", {"hours": hours}, {"zone": shown(zone_at(hours))}) for hours in OFFSETS
    ]
    return tuple(tuple(buttons[at : at + _BUTTONS_A_ROW]) for at in range(0, len(buttons), _BUTTONS_A_ROW))
