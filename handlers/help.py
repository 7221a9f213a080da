"""Help: what can be said, by what the one who asks may do."""

from collections.abc import Callable, Mapping

from bot.commands import CommandNameParam, CommandSpec
from bot.members.names import clean_text
from bot.members.roles import Role
from bot.replies import Reply, reply
from handlers.call import Call
from handlers.registry import Handler, command
from storage.transaction import Transaction

_ORDER = (Role.ANYONE, Role.MEMBER, Role.CASHIER, Role.MODERATOR, Role.SPACE_ADMIN, Role.OWNER)


def help_command(specs: "list[CommandSpec]", only_where: Mapping[str, Callable[[Transaction], bool]]) -> Handler:
    """Return the help command over the table it is part of; the table is filled in after it is built.

    `only_where` says of commands whether there is anything now that they are good for: the catalogue changes in chat.
    """

    @command("help", params=[CommandNameParam("command", required=False)], role=Role.ANYONE, read_only=True)
    def help_(call: Call, tx: Transaction) -> Reply:
        """List the commands, or explain one."""
        if call.args.command is None:
            useless = {name for name, is_useful in only_where.items() if not is_useful(tx)}
            groups = [
                {
                    "role": role.value,
                    "names": [spec.name for spec in specs if spec.role is role and spec.name not in useless],
                }
                for role in _ORDER
                if call.may(role)
            ]
            return reply("help", groups=[group for group in groups if group["names"]])
        name = call.args.command.removeprefix("/").lower()
        for spec in specs:
            if spec.name == name:
                params = [(param.name, param.required) for param in spec.params]
                role = None if call.may(spec.role) else spec.role.value
                return reply("help_command", command=name, params=params, role=role)
        return reply("help_unknown", given=clean_text(name, 32))

    return help_
