"""Commands that only ask."""

from collections.abc import Iterable

from workflows.commands.command import Command, Place, Request, command
from workflows.model import Permission, WorkOrder

NOTHING = "Nothing has run here lately."
COMMANDS_HINT = "A command is the first thing in its line, at most five in a comment."


@command("status", Permission.READ)
async def status(request: Request) -> str:
    """Say what goes on here now."""
    desk = request.desk
    if not desk.running:
        return "Nothing is running here."
    answered = await desk.steer(request)
    after = "".join(f"\n- then {_named(order)}" for order in desk.waiting)
    return f"{_named(desk.running)}: {answered.text}{after}"


def _named(order: WorkOrder) -> str:
    """Name work, and who asked for it; what a look has found, nobody did."""
    by = order.requester.login
    return f"`{order.kind}`, asked for by {by}" if by else f"`{order.kind}`"


@command("why", Permission.READ)
async def why(request: Request) -> str:
    """Say what happened in the running work, and why."""
    if not request.desk.running:
        past = request.desk.past
        return f"The last work here ended so: {past[-1]}" if past else NOTHING
    return (await request.desk.steer(request)).text


@command("history", Permission.READ)
async def history(request: Request) -> str:
    """List what has run here, and how it ended."""
    past = request.desk.past
    return "\n".join(f"- {line}" for line in past) if past else NOTHING


def help_for(request: Request, commands: Iterable[Command]) -> str:
    """List what this person may do here."""
    offered = [each for each in commands if each.needs <= request.permission and _fits(each, request)]
    rows = "\n".join(f"- `{f'/aidp {each.verb} {each.usage}'.rstrip()}` {each.help}" for each in offered)
    return f"You can do this here:\n\n{rows}\n\n{COMMANDS_HINT}"


def _fits(each: Command, request: Request) -> bool:
    match each.place:
        case Place.ISSUE:
            return not request.issue.pull_request
        case Place.PULL_REQUEST:
            return request.issue.pull_request
        case Place.WHILE_RUNNING:
            return request.desk.running is not None
        case Place.ANYWHERE:
            return True
