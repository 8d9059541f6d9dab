"""From a comment to what it does: read, ask who may, obey line by line, and say what became of it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from difflib import get_close_matches

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import github_steps, steps
from workflows.commands import COMMANDS
from workflows.commands.command import Command, Desk, Refused, Request
from workflows.model import (
    Authority,
    Button,
    CommandLine,
    CommentRef,
    Delivery,
    Issue,
    Item,
    Note,
    Permission,
    Reaction,
    ReactionRequest,
    ReadComment,
    RepoConfig,
)
from workflows.patience import EYES

BY_VERB = {each.verb: each for each in COMMANDS}
TOO_FEW_RIGHTS = "`{verb}` takes {needs} permission here, and you have {has}."
UNKNOWN = "`{verb}` is no command.{meant} `/aidp help` lists what you may do here."
MEANT = " Did you mean `{verb}`?"
STALE = (
    "`{verb}` was pressed on a check of `{work}`, which is not what goes on here now. `/aidp {work}` starts it anew."
)
DROPPED = "At most five commands in one comment are taken; {count} more were not."
BESIDE = "eyes-beside-the-command"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one line."""

    text: str
    applied: bool
    once: str = ""
    """Said once per item, however often it is tried."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Who speaks where."""

    desk: Desk
    comment: CommentRef
    read: ReadComment
    issue: Issue
    permission: Permission
    config: RepoConfig
    origin: str
    """The comment or the press of a button: the same for every attempt to obey it."""

    def request(self, line: CommandLine, number: int) -> Request:
        """Put a line into its setting."""
        return Request(
            verb=line.verb,
            argument=line.argument,
            item=self.comment.item,
            issue=self.issue,
            by=self.read.author,
            permission=self.permission,
            comment=self.comment,
            config=self.config,
            desk=self.desk,
            id=f"{self.origin}/{number}",
        )


async def obey(desk: Desk, comment: CommentRef, *, listening: bool) -> None:
    """Obey the commands in a comment; what is none may be an answer that the running work waits for."""
    read = await github_steps.read_comment(comment)
    lines = read.commands or _spoken(read, desk)
    if not lines:
        if listening and read.text:
            await _offer(desk, comment, read)
        return
    async with _shown(comment):
        setting = await _setting(desk, comment, read)
        await _tell(comment, await _results(setting, lines), read)


async def press(desk: Desk, item: Item, delivery: Delivery) -> None:
    """Obey a button of our check run."""
    verb = Button(delivery.label) if delivery.label in set(Button) else None
    if not verb:
        return
    if stale := _stale(desk, verb, delivery.work):
        await steps.write_note(Note(item, f"button:{delivery.id}", stale, addressee=delivery.sender))
        return
    comment = CommentRef(item, 0)
    setting = await _setting(desk, comment, ReadComment(delivery.sender), f"button:{delivery.id}")
    result = await _obey(setting.request(CommandLine(verb), 0))
    if not result.applied:
        await steps.write_note(Note(item, setting.origin, result.text, addressee=delivery.sender))


def _stale(desk: Desk, verb: Button, work: str) -> str:
    """Say why a button does nothing: it is on a check of other work than what it would act on."""
    now = desk.last if verb is Button.RETRY else desk.running
    if not work or (now and now.kind == work):
        return ""
    return STALE.format(verb=verb, work=work)


@asynccontextmanager
async def _shown(comment: CommentRef) -> AsyncGenerator[None]:
    """Show that a command was heard. Raises what GitHub refuses: where nothing can be said, nothing is done.

    Its trouble is waited for only a moment: the rest of it passes beside the command.
    """
    eyes = asyncio.create_task(github_steps.react(ReactionRequest(comment, Reaction.TAKEN)))
    try:
        await workflow.wait([eyes], timeout=EYES.time.total_seconds() if workflow.patched(BESIDE) else None)
        if eyes.done():
            await eyes
        yield
        await _late(eyes)
    finally:
        eyes.cancel()


async def _late(eyes: asyncio.Task[None]) -> None:
    """Wait until it is shown, too; who has the answer needs it no more than that."""
    try:
        await eyes
    except FailureError as error:
        workflow.logger.warning("a command was obeyed and answered, but not marked as heard: %s", error.cause)


async def _setting(desk: Desk, comment: CommentRef, read: ReadComment, origin: str = "") -> Setting:
    item = comment.item
    return Setting(
        desk,
        comment,
        read,
        issue=await steps.read_issue(item),
        permission=await steps.read_permission(Authority(item, read.author)),
        config=await steps.read_config(item.source),
        origin=origin or f"comment:{comment.surface}:{comment.id}",
    )


async def _results(setting: Setting, lines: tuple[CommandLine, ...]) -> list[Result]:
    """Obey line by line, unless one of them can not be read; to strangers that is not explained."""
    read = setting.read
    if read.flaw:
        return [Result(read.flaw if setting.permission >= Permission.TRIAGE else "", applied=False)]
    results = [await _obey(setting.request(line, number)) for number, line in enumerate(lines)]
    if read.dropped:
        results.append(Result(DROPPED.format(count=read.dropped), applied=False))
    return results


async def _obey(request: Request) -> Result:
    command = BY_VERB.get(request.verb)
    if not command:
        return _unknown(request)
    if request.permission < command.needs:
        return _not_allowed(request, command)
    try:
        return Result(await command.run(request), applied=True)
    except Refused as refused:
        return Result(str(refused), applied=False)


def _unknown(request: Request) -> Result:
    """Help those who may work here; strangers' attempts are not worth a comment."""
    if request.permission < Permission.WRITE:
        return Result("", applied=False)
    near = get_close_matches(request.verb, BY_VERB, n=1, cutoff=0.5)
    meant = MEANT.format(verb=near[0]) if near else ""
    return Result(UNKNOWN.format(verb=request.verb, meant=meant), applied=False)


def _not_allowed(request: Request, command: Command) -> Result:
    has = request.permission.name.lower()
    text = TOO_FEW_RIGHTS.format(verb=command.verb, needs=f"**{command.needs.name.lower()}**", has=has)
    return Result(text, applied=False, once=f"refused:{request.by.id}:{command.verb}")


def _spoken(read: ReadComment, desk: Desk) -> tuple[CommandLine, ...]:
    """Take what is said to the App by name for something to tell the agent."""
    return (CommandLine("tell", read.text),) if read.mentioned and read.text and desk.running else ()


async def _offer(desk: Desk, comment: CommentRef, read: ReadComment) -> None:
    """Offer a comment to work that waits for answers; one from a stranger is none."""
    if read.flaw:
        return
    setting = await _setting(desk, comment, read)
    if setting.permission < Permission.TRIAGE:
        return
    answered = await desk.steer(setting.request(CommandLine("answer", read.text), 0))
    if answered.applied:
        await github_steps.react(ReactionRequest(comment, Reaction.APPLIED))


async def _tell(comment: CommentRef, results: list[Result], read: ReadComment) -> None:
    """React, and write one reply with what there is to say."""
    if any(result.applied for result in results):
        await github_steps.react(ReactionRequest(comment, Reaction.APPLIED))
    if any(not result.applied for result in results):
        await github_steps.react(ReactionRequest(comment, Reaction.REFUSED))
    texts = [result.text for result in results if result.text]
    if not texts:
        return
    once = [result.once for result in results if result.once]
    key = once[0] if len(texts) == len(once) == 1 else f"reply:{comment.surface}:{comment.id}"
    await steps.write_note(Note(comment.item, key, "\n\n".join(texts), addressee=read.author))
