"""Commands that start work: each stands for a label."""

from dataclasses import replace

from workflows.commands.command import Place, Refused, Request, command
from workflows.model import Permission, Work, WorkOrder
from workflows.work_kinds import misplaced

CLOSED = "It is closed. Open it again first."


@command("plan", Permission.TRIAGE, Place.ISSUE, "[hint]")
async def plan(request: Request) -> str:
    """Look at the code and propose a plan, or plan again with a hint."""
    running = request.desk.running
    if running and running.kind is Work.PLAN:
        return await _again(request)
    return await _start(request, Work.PLAN)


@command("build", Permission.WRITE, Place.ISSUE, "[hint]")
async def build(request: Request) -> str:
    """Build what the issue asks for and open a pull request."""
    return await _start(request, Work.BUILD)


@command("auto", Permission.WRITE, Place.ANYWHERE)
async def auto(request: Request) -> str:
    """Plan, build, review and repair until the pull request is ready for people."""
    return await _start(request, Work.AUTO)


@command("review", Permission.WRITE, Place.PULL_REQUEST, "[focus]")
async def review(request: Request) -> str:
    """Review the whole diff, or what is new since the last review."""
    return await _start(request, Work.REVIEW)


@command("fix-ci", Permission.WRITE, Place.PULL_REQUEST, "[hint]")
async def fix_ci(request: Request) -> str:
    """Find out why the CI fails and push a fix."""
    return await _start(request, Work.FIX_CI)


@command("fix", Permission.WRITE, Place.PULL_REQUEST, "[what]")
async def fix(request: Request) -> str:
    """Do what reviews ask for, or what you write behind it."""
    return await _start(request, Work.FIX)


@command("rebase", Permission.WRITE, Place.PULL_REQUEST)
async def rebase(request: Request) -> str:
    """Bring the branch up to date with its base, conflicts included."""
    return await _start(request, Work.REBASE)


@command("project", Permission.WRITE, Place.ISSUE)
async def project(request: Request) -> str:
    """Break the issue down into sub-issues and build them in order."""
    return await _start(request, Work.PROJECT)


@command("retry", Permission.WRITE, Place.ANYWHERE, "[unit]")
async def retry(request: Request) -> str:
    """Run the last work here again; of a project its failed units, or the one you name."""
    desk = request.desk
    if desk.running:
        if desk.running.kind is Work.PROJECT:
            return await _again(request)
        raise Refused("Something is running here. `/aidp cancel` it first.")
    last = desk.last
    if not last:
        raise Refused("Nothing has run here lately that could be repeated.")
    if not request.issue.open:
        raise Refused(CLOSED)
    units = tuple(request.argument.split())
    return await desk.accept(
        replace(last, requester=request.by, comment=request.comment, config=request.config, units=units, unasked=False)
    )


async def _again(request: Request) -> str:
    answered = await request.desk.steer(request)
    if not answered.applied:
        raise Refused(answered.text)
    return answered.text


async def _start(request: Request, work: Work) -> str:
    if flaw := misplaced(work, request.issue):
        raise Refused(flaw)
    if not request.issue.open:
        raise Refused(CLOSED)
    order = WorkOrder(request.item, work, request.by, request.config, hint=request.argument, comment=request.comment)
    return await request.desk.accept(order)
