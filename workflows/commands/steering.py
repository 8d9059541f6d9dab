"""Commands for work that is running: they go to the processor, and from there to the agent's loop."""

from workflows.commands import arguments
from workflows.commands.command import Place, Refused, Request, command
from workflows.model import Guards, Permission

NOTHING_RUNS = "Nothing is running here. `/aidp help` shows what you can start."


@command("approve", Permission.WRITE, Place.WHILE_RUNNING)
async def approve(request: Request) -> str:
    """Let the plan, or the changes that wait for it, through."""
    return await _pass_on(request)


@command("reject", Permission.WRITE, Place.WHILE_RUNNING, "[why]")
async def reject(request: Request) -> str:
    """Refuse the plan, or the changes that wait for an approval."""
    return await _pass_on(request)


@command("answer", Permission.TRIAGE, Place.WHILE_RUNNING, "[number] text")
async def answer(request: Request) -> str:
    """Answer a question of the plan by its number, or all of them."""
    return await _pass_on(_with_text(request, "`/aidp answer 2 Use UTC.`"))


@command("pause", Permission.TRIAGE, Place.WHILE_RUNNING, "[2h]")
async def pause(request: Request) -> str:
    """Hold the work after the running step, for a time or until it is resumed."""
    arguments.duration(request.argument)
    return await _pass_on(request)


@command("resume", Permission.TRIAGE, Place.WHILE_RUNNING)
async def resume(request: Request) -> str:
    """Go on after a pause."""
    return await _pass_on(request)


@command("cancel", Permission.TRIAGE, Place.WHILE_RUNNING)
async def cancel(request: Request) -> str:
    """End the work now; what is done so far is kept."""
    if not request.desk.running:
        raise Refused(NOTHING_RUNS)
    await request.desk.cancel(f"{request.by.login} cancelled it")
    return ""


@command("tell", Permission.WRITE, Place.WHILE_RUNNING, "text")
async def tell(request: Request) -> str:
    """Tell the agent something with its next prompt."""
    return await _pass_on(_with_text(request, "`/aidp tell Use the existing parser.`"))


@command("provider", Permission.WRITE, Place.WHILE_RUNNING, "name[/model]")
async def provider(request: Request) -> str:
    """Let another agent work from its next run on."""
    return await _pass_on(_with_text(request, "`/aidp provider claude`"))


@command("model", Permission.WRITE, Place.WHILE_RUNNING, "name")
async def model(request: Request) -> str:
    """Let the agent use another model from its next run on."""
    return await _pass_on(_with_text(request, "`/aidp model opus`"))


@command("budget", Permission.ADMIN, Place.WHILE_RUNNING, "+$5 | +10 iterations | +30 minutes | +100000 tokens")
async def budget(request: Request) -> str:
    """Allow more than the budget."""
    arguments.budget(request.argument)
    return await _pass_on(request)


@command("guard", Permission.WRITE, Place.WHILE_RUNNING, "exclude GLOB | confirm GLOB | max-lines N | allow GLOB")
async def guard(request: Request) -> str:
    """Tighten the guards for this run; only an admin may loosen them (`allow`)."""
    arguments.guards(request.argument, Guards())
    return await _pass_on(request)


@command("reload", Permission.WRITE, Place.WHILE_RUNNING)
async def reload(request: Request) -> str:
    """Read `.aidp/aidp.yml` again before the next iteration."""
    return await _pass_on(request)


def _with_text(request: Request, example: str) -> Request:
    if not request.argument.strip():
        raise Refused(f"Say more, for example {example}")
    return request


async def _pass_on(request: Request) -> str:
    if not request.desk.running:
        raise Refused(NOTHING_RUNS)
    answered = await request.desk.steer(request)
    if not answered.applied:
        raise Refused(answered.text)
    return answered.text
