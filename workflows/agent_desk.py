"""Getting a prompt answered by whichever agent can: failover, waiting for limits, interruptions."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows import steps
from workflows.accounting import Account
from workflows.budget import spent_by, spent_in_vain
from workflows.cancelling import being_cancelled, heed_cancellation
from workflows.failover import Ask, Choice, FailedRun, Nobody, Wait
from workflows.failures import failed_run, host_lost, longest_run, tells_itself, was_stopped
from workflows.holding import Say, holding
from workflows.loop_memory import LoopMemory, clock
from workflows.model import (
    AgentResult,
    AgentTask,
    Ending,
    Instruction,
    Outcome,
    PromptRequest,
    Spent,
    Waiting,
    Workspace,
)
from workflows.running_step import RunningStep

Write = Callable[[tuple[Instruction, ...]], Awaitable[str]]
"""Writes a prompt with these instructions and returns its path."""

LIMITED = "Waiting for {agent} until {time}; {advice}"
NEVER_TAKEN = "a run that no host took is free"
NEVER_FREE = "a run that broke down is not free"
"""Names of patches: histories of versions that counted such runs otherwise go on as they began."""


class AgentDesk:
    """Where an iteration's prompt goes out and an agent's answer comes in."""

    def __init__(self, memory: LoopMemory, account: Account, step: RunningStep, say: Say) -> None:
        self._memory = memory
        self._account = account
        self._step = step
        self._say = say

    async def answer(self, workspace: Workspace) -> AgentResult | Outcome:
        """Let an agent work on the next iteration; an outcome means that none can."""
        iteration = self._memory.iteration + 1
        task = AgentTask(workspace, iteration, prompt="", provider="")
        result = await self.hand_out(task, lambda told: self._write_prompt(workspace, iteration, told))
        if isinstance(result, AgentResult):
            self._memory.message = result.message  # what is answered to a question tells nothing of the work
        return result

    async def hand_out(self, task: AgentTask, write: Write) -> AgentResult | Outcome:
        """Give a task to whoever can do it, and to the next one when that fails, with what people want by then."""
        memory = self._memory
        told = None
        while True:
            await self.while_paused()
            if told != memory.most_urgent:
                told = memory.most_urgent
                task = replace(task, prompt=await write(told))
            await self._account.afford()
            if memory.paused or told != memory.most_urgent:
                continue
            match memory.lineup.choose(workflow.time()):
                case Ask(entry):
                    provider, _, model = entry.partition("/")
                    if answer := await self._ask(replace(task, provider=provider, model=model), entry):
                        return answer
                case Wait(until, entry):
                    advice = self._account.advisor.prefer
                    reason = LIMITED.format(agent=entry, time=clock(until), advice=advice)
                    async with holding(memory, self._say, Waiting(reason, for_people=False)):
                        await self._until(until)
                case Nobody((reasons, repairs)):
                    return Outcome(Ending.FAILED, f"no agent could work: {reasons}", f"To repair it: {repairs}.")

    async def while_paused(self) -> None:
        """Hold for as long as somebody wants it; waiting writes no history but one timer, if it is to end by itself."""
        memory = self._memory
        heed_cancellation()
        while memory.paused:
            until = memory.paused_until
            await self._say(memory.pause)
            left = timedelta(seconds=max(until - workflow.time(), 0)) if until else None
            try:
                await workflow.wait_condition(lambda: not memory.paused or memory.paused_until != until, timeout=left)  # noqa: B023  # is over before `until` changes
            except TimeoutError:
                memory.paused, memory.paused_until = False, None
                memory.happened("Resumed: the time of the pause was over")

    async def _until(self, moment: float) -> None:
        """Wait for a provider, unless somebody prefers another one meanwhile."""
        memory, lineup = self._memory, self._memory.lineup
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: memory.lineup != lineup, timeout=timedelta(seconds=moment - workflow.time())
            )

    async def _write_prompt(self, workspace: Workspace, iteration: int, told: tuple[Instruction, ...]) -> str:
        memory = self._memory
        memory.told = told
        request = PromptRequest(
            workspace=workspace,
            iteration=iteration,
            max_iterations=memory.config.max_iterations,
            failed=tuple(check for check in memory.checks if not check.passed),
            instructions=told,
            remark=memory.remark,
            checks=memory.commands,
        )
        return await steps.write_prompt(request)

    async def _ask(self, task: AgentTask, entry: str) -> AgentResult | None:
        """Run one agent; when it fails or is interrupted, clean up after it and return nothing."""
        memory = self._memory
        heed_cancellation()
        if memory.provider != entry:
            memory.provider, memory.model = entry, ""
        await self._say(f"{entry} is working")
        started = workflow.time()
        try:
            answer = await self._step.run(steps.run_agent(task))
        except (ActivityError, asyncio.CancelledError) as error:
            self._account.note(_spent(error, workflow.time() - started))
            if not _may_go_on_after(error):
                heed_cancellation()
                raise
            if isinstance(error, ActivityError) and not was_stopped(error):
                self._note_failure(entry, failed_run(error))
            await self._account.share()
            await steps.reset_workspace(task.workspace)
            return None
        self._account.note(spent_by(answer))
        await self._account.share()
        memory.lineup = memory.lineup.succeeded(entry)
        memory.model = answer.model
        return answer

    def _note_failure(self, entry: str, failure: FailedRun) -> None:
        memory, now = self._memory, workflow.time()
        memory.model = failure.model
        memory.lineup = memory.lineup.failed(entry, failure, now)
        memory.happened(f"{entry} failed ({failure.kind}): {failure.message}; {_told(memory.lineup.choose(now))}")


def _told(choice: Choice) -> str:
    match choice:
        case Ask(provider):
            return f"{provider} is next"
        case Wait(until, provider):
            return f"{provider} is next, from {clock(until)}"
        case Nobody():
            return "nobody else is left"


def _may_go_on_after(error: ActivityError | asyncio.CancelledError) -> bool:
    """Whether it was the agent that failed, or an interruption that stopped it; not its host, nor a cancellation."""
    if was_stopped(error):
        return not being_cancelled()  # an interruption cancels the agent's run, not the work
    return isinstance(error, ActivityError) and not host_lost(error)


def _spent(error: ActivityError | asyncio.CancelledError, elapsed: float) -> Spent:
    """Tell what a run used that came to nothing: it says so itself unless it was cut off."""
    if not isinstance(error, ActivityError):
        return spent_in_vain(elapsed)
    if not (host_lost(error) or was_stopped(error)):
        failed = failed_run(error)
        seconds = failed.seconds if tells_itself(error) or not workflow.patched(NEVER_FREE) else elapsed
        return spent_in_vain(seconds, failed.usage, failed.model)
    if not error.started_event_id and workflow.patched(NEVER_TAKEN):
        return Spent()
    return spent_in_vain(longest_run(error, elapsed))
