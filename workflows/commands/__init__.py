"""The slash commands: one function each, and this table of contents."""

from workflows.commands import asking, configuring, starting, steering
from workflows.commands.command import Command, Place, Refused, Request, command
from workflows.model import Permission

__all__ = ["COMMANDS", "Command", "Place", "Refused", "Request"]


@command("help", Permission.READ)
async def help(request: Request) -> str:  # noqa: A001  # named as what people write
    """List what you may do here."""
    return asking.help_for(request, COMMANDS)


COMMANDS: tuple[Command, ...] = (
    help,
    asking.status,
    asking.why,
    asking.history,
    configuring.config,
    starting.plan,
    starting.build,
    starting.auto,
    starting.project,
    starting.review,
    starting.fix_ci,
    starting.fix,
    starting.rebase,
    starting.retry,
    steering.approve,
    steering.reject,
    steering.answer,
    steering.pause,
    steering.resume,
    steering.cancel,
    steering.tell,
    steering.provider,
    steering.model,
    steering.budget,
    steering.guard,
    steering.reload,
)
