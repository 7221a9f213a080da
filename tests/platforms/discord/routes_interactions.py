"""REST: answering interactions, and the messages that follow through the interaction's token."""

from tests.platforms.discord import posting
from tests.platforms.discord.command_rules import STRING, check_choices
from tests.platforms.discord.components import check_modal
from tests.platforms.discord.errors import Form, refusal
from tests.platforms.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, InteractionHandle
from tests.platforms.discord.mentions import WEBHOOK
from tests.platforms.discord.model import EPHEMERAL, LOADING, Json, Message
from tests.platforms.discord.payloads import message_json, user_json
from tests.platforms.discord.routing import Call, Route
from tests.platforms.discord.telling import remove

PONG, MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9


def _callback(call: Call) -> Json | None:
    """Take the one first response: within the deadline (else 10062) and only once (else 40060)."""
    handle = call.world.interactions.get(call.params["interaction_token"])
    if handle is None or str(handle.id) != call.params["interaction_id"]:
        raise refusal(10062)
    if handle.acknowledged:
        raise refusal(40060)
    if call.world.monotonic() - handle.started_s > call.world.settings.interaction_deadline_s:
        raise refusal(10062)
    kind = call.body.get("type")
    _check_kind(handle, kind)
    _ANSWERS[int(kind or 0)](call, handle, call.body.get("data") or {})
    handle.acknowledged = True
    if call.query.get("with_response") not in ("1", "true"):
        return None
    return _callback_json(handle, int(kind or 0))


def _check_kind(handle: InteractionHandle, kind: object) -> None:
    allowed = {MESSAGE, DEFER}
    if handle.source is not None:
        allowed |= {DEFER_UPDATE, UPDATE}
    if handle.type != MODAL_SUBMIT:
        allowed |= {MODAL}
    if handle.type == AUTOCOMPLETE:
        allowed = {CHOICES}
    if kind not in allowed:
        form = Form()
        form.wrong("type", "INTERACTION_CALLBACK_TYPE", f"Value must be one of {sorted(allowed)}.")
        form.check()


def _callback_json(handle: InteractionHandle, kind: int) -> Json:
    shown = handle.source if kind in (UPDATE, DEFER_UPDATE) else handle.original
    interaction: Json = {"id": str(handle.id), "type": handle.type}
    interaction["response_message_loading"] = handle.thinking
    interaction["response_message_ephemeral"] = shown is not None and shown.ephemeral
    payload: Json = {"interaction": interaction}
    if shown is not None and kind != MODAL:
        interaction["response_message_id"] = str(shown.id)
        payload["resource"] = {"type": kind, "message": message_json(shown)}
    return payload


def _answer_message(call: Call, handle: InteractionHandle, data: Json) -> None:
    handle.original = _post(call, handle, data)


def _answer_defer(call: Call, handle: InteractionHandle, data: Json) -> None:
    flags = int(data.get("flags") or 0) & EPHEMERAL | LOADING
    message_id = call.world.snowflakes.next()
    message = Message(message_id, handle.channel, call.world.bot, "", call.world.now(), flags=flags)
    handle.original = message
    handle.deferred = handle.thinking = True
    _place(call, handle, message)


def _answer_defer_update(_call: Call, handle: InteractionHandle, _data: Json) -> None:
    handle.deferred = True


def _answer_update(call: Call, handle: InteractionHandle, data: Json) -> None:
    if handle.source is None:
        raise refusal(10008)
    _change(call, handle, handle.source, data)
    handle.updated = True


def _answer_choices(_call: Call, handle: InteractionHandle, data: Json) -> None:
    form = Form()
    choices: list[Json] = data.get("choices") or []
    kinds = {type(choice.get("value")) for choice in choices}
    check_choices(choices, "data.choices", STRING if kinds <= {str} else 10, form)
    form.check()
    handle.choices = choices


def _answer_modal(_call: Call, handle: InteractionHandle, data: Json) -> None:
    form = Form()
    check_modal(data, form)
    form.check()
    handle.modal = data


_ANSWERS = {
    MESSAGE: _answer_message,
    DEFER: _answer_defer,
    DEFER_UPDATE: _answer_defer_update,
    UPDATE: _answer_update,
    CHOICES: _answer_choices,
    MODAL: _answer_modal,
}


def _post(call: Call, handle: InteractionHandle, body: Json) -> Message:
    message = posting.compose(call.world, handle.channel, body, call.files, WEBHOOK)
    message.interaction = {
        "id": str(handle.id),
        "type": handle.type,
        "user": user_json(handle.user),
        "authorizing_integration_owners": {},
    }
    if handle.type == COMMAND:
        message.interaction["name"] = handle.command_name
    return _place(call, handle, message)


def _place(call: Call, handle: InteractionHandle, message: Message) -> Message:
    if message.ephemeral:
        message.seen_only_by = handle.user
    handle.channel.messages[message.id] = message
    if message.seen_only_by is None:
        call.gateway.publish_message("MESSAGE_CREATE", message)
    return message


def _change(call: Call, handle: InteractionHandle, message: Message, body: Json) -> Message:
    posting.edit(call.world, message, body, call.files, WEBHOOK)
    if message is handle.original and handle.thinking:
        handle.thinking = False
        message.flags &= ~LOADING
    if message.seen_only_by is None:
        call.gateway.publish_message("MESSAGE_UPDATE", message)
    return message


def _open_handle(call: Call) -> InteractionHandle:
    """Return the interaction of a token that still lives. Raises 10015, or 50027 after its 15 minutes."""
    handle = call.world.interactions.get(call.params["webhook_token"])
    if handle is None or call.params["webhook_id"] != str(call.world.application_id) or not handle.acknowledged:
        raise refusal(10015)
    if call.world.monotonic() - handle.started_s > call.world.settings.interaction_life_s:
        raise refusal(50027)
    return handle


def _follow_up(call: Call) -> Json:
    """Post a further message; the first after a deferral takes the place of "thinking…"."""
    handle = _open_handle(call)
    if handle.thinking and handle.original is not None:
        return message_json(_change(call, handle, handle.original, call.body))
    message = _post(call, handle, call.body)
    handle.followups.append(message)
    return message_json(message)


def _message(call: Call) -> tuple[InteractionHandle, Message]:
    handle = _open_handle(call)
    wanted = call.params.get("message_id")
    shown = [handle.original or (handle.source if handle.type in (COMPONENT, MODAL_SUBMIT) else None)]
    candidates = [*shown, *handle.followups] if wanted else shown
    for message in candidates:
        if message is not None and not message.deleted and wanted in (None, str(message.id)):
            return handle, message
    raise refusal(10008)


def _get_message(call: Call) -> Json:
    return message_json(_message(call)[1])


def _edit_message(call: Call) -> Json:
    handle, message = _message(call)
    _change(call, handle, message, call.body)
    handle.updated = handle.updated or message is handle.source
    return message_json(message)


def _delete_message(call: Call) -> None:
    handle, message = _message(call)
    handle.thinking = handle.thinking and message is not handle.original
    remove(call.gateway, message)


_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_HANDLERS = {"GET": _get_message, "PATCH": _edit_message, "DELETE": _delete_message}

ROUTES = [
    Route("POST", "/interactions/{interaction_id}/{interaction_token}/callback", _callback, needs_token=False),
    Route("POST", _WEBHOOK, _follow_up, needs_token=False),
    *(
        Route(method, f"{_WEBHOOK}/messages/{which}", handler, needs_token=False)
        for which in ("@original", "{message_id}")
        for method, handler in _HANDLERS.items()
    ),
]
