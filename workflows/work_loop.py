"""The work loop: an agent edits, tests and linters judge, until the work is done or somebody has to decide.

    ready -> apply_patch -> test -> done | diagnose -> next_patch -> ready

Fix forward: nothing is rolled back, what fails becomes the next prompt. The loop knows nothing of GitHub issues; who
wants to follow it gets `Progress` signals.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from workflows import steps
from workflows.check_runs import due, final, run_checks
from workflows.failover import Ask, Lineup, Nobody, Wait
from workflows.failures import failed_outcome, failed_run, host_lost
from workflows.judgement import Round, judge
from workflows.loop_memory import LoopInput, clock
from workflows.model import (
    AgentResult,
    AgentTask,
    CheckpointRequest,
    Ending,
    Instruction,
    LoopResult,
    LoopState,
    Outcome,
    Progress,
    PromptRequest,
    Published,
    PublishRequest,
    Workspace,
    WorkspaceRequest,
)

MAX_MOVES = 5
"""How often the work may lose its host before it is given up."""
PROGRESS = "progress"
"""Name of the signal that `LoopSpec.report_to` gets."""

T = TypeVar("T")


@workflow.defn
class WorkLoopWorkflow:
    """One task, one branch, as many iterations as it takes."""

    @workflow.init
    def __init__(self, start: LoopInput) -> None:
        self._spec = start.spec
        self._memory = start.memory
        self._work: asyncio.Task[Outcome | None] | None = None
        self._cancelled = ""

    @workflow.run
    async def run(self, start: LoopInput) -> LoopResult:
        """Work to an ending, and leave nothing behind but the branch."""
        self._work = asyncio.create_task(self._to_the_end())
        try:
            outcome = await self._work
        except (FailureError, asyncio.CancelledError) as error:
            outcome = self._explain(error)
        if outcome is None:
            workflow.continue_as_new(LoopInput(start.spec, self._memory))
        return await self._finish(outcome)

    # --- signals and queries ------------------------------------------------------------------------------------------

    @workflow.signal
    def pause(self) -> None:
        """Hold the work after the running iteration."""
        self._memory.paused = True

    @workflow.signal
    def resume(self) -> None:
        """Go on."""
        self._memory.paused = False

    @workflow.signal
    def cancel(self, reason: str) -> None:
        """End the work now; the agent's processes are gone before the loop says so."""
        self._cancelled = self._cancelled or reason or "cancelled"
        if self._work:
            self._work.cancel()

    @workflow.signal
    def inject_instruction(self, instruction: Instruction) -> None:
        """Tell the agent something with its next prompt."""
        self._memory.instructions += (instruction,)

    @workflow.query
    def status(self) -> Progress:
        """Show where the work is."""
        return self._memory.progress(self._spec)

    @workflow.query
    def pending_instructions(self) -> tuple[Instruction, ...]:
        """Show what the agent has not been told yet, in the order in which it will be."""
        return self._memory.pending

    # --- the loop -----------------------------------------------------------------------------------------------------

    async def _to_the_end(self) -> Outcome | None:
        """Iterate until there is an outcome; None asks for a fresh history."""
        if not self._memory.workspace:
            await self._begin()
        while self._memory.iteration < self._spec.config.max_iterations:
            if workflow.info().is_continue_as_new_suggested():
                return None
            await self._while_paused()
            if outcome := await self._on_a_living_host(self._iterate):
                return outcome
        advice = "Say what is missing, then put the label on again to go on from the branch."
        return Outcome(Ending.GAVE_UP, f"not done after {self._memory.iteration} iterations", advice)

    async def _begin(self) -> None:
        self._memory.started = workflow.now().isoformat()
        self._memory.lineup = Lineup.of(self._spec.config.providers)
        await self._say("Preparing a workspace")
        await self._open_workspace()
        commands = self._spec.config.commands
        self._memory.commands = await steps.detect_checks(self._workspace) if commands is None else commands

    async def _iterate(self) -> Outcome | None:
        """One round: agent, checks, checkpoint, verdict. Repeated as a whole when its host is lost."""
        iteration = self._memory.iteration + 1
        answer = await self._apply_patch(iteration)
        if isinstance(answer, Outcome):
            return answer
        self._memory.state = LoopState.TEST
        await self._say("Running the checks")
        checks = await run_checks(self._workspace, iteration, due(self._memory.commands, answer.claim))
        request = CheckpointRequest(self._workspace, iteration, workflow.now().isoformat())
        this = Round(answer, checks, await steps.commit_checkpoint(request))
        self._memory.state = LoopState.DIAGNOSE
        self._memory.conclude(this)
        return await self._decide(iteration, this)

    async def _apply_patch(self, iteration: int) -> AgentResult | Outcome:
        """Let an agent work, whichever can; an outcome means that none can."""
        self._memory.state = LoopState.APPLY_PATCH
        prompt = await self._write_prompt(iteration)
        while True:
            match self._memory.lineup.choose(workflow.time()):
                case Ask(provider):
                    if answer := await self._ask(AgentTask(self._workspace, iteration, prompt, provider)):
                        return answer
                case Wait(until, provider):
                    await self._say(f"Waiting for {provider} until {clock(until)}")
                    await workflow.sleep(timedelta(seconds=max(until - workflow.time(), 0)))
                case Nobody((reasons, repairs)):
                    return Outcome(Ending.FAILED, f"no agent could work: {reasons}", f"To repair it: {repairs}.")

    async def _write_prompt(self, iteration: int) -> str:
        self._memory.told = self._memory.pending
        request = PromptRequest(
            workspace=self._workspace,
            iteration=iteration,
            max_iterations=self._spec.config.max_iterations,
            failed=tuple(check for check in self._memory.checks if not check.passed),
            instructions=self._memory.told,
            remark=self._memory.remark,
            checks=self._memory.commands,
        )
        return await steps.write_prompt(request)

    async def _ask(self, task: AgentTask) -> AgentResult | None:
        """Run one agent; when it fails, note that in the lineup and clean up after it."""
        memory = self._memory
        memory.provider = task.provider
        await self._say(f"{task.provider} is working")
        try:
            answer = await steps.run_agent(task)
        except ActivityError as error:
            if host_lost(error) or is_cancelled_exception(error):
                raise
            memory.lineup = memory.lineup.failed(task.provider, failed_run(error), workflow.time())
            await steps.reset_workspace(task.workspace)
            return None
        memory.lineup = memory.lineup.succeeded(task.provider)
        memory.message = answer.message
        return answer

    async def _decide(self, iteration: int, this: Round) -> Outcome | None:
        """End the work, or go on with a remark for the next prompt."""
        verdict = judge(this, self._memory.streak)
        if isinstance(verdict, Outcome) and verdict.ending is Ending.DONE:
            checks = await run_checks(self._workspace, iteration, final(self._memory.commands))
            self._memory.checks += checks
            if any(check.required and not check.passed for check in checks):
                verdict = "The final checks do not pass yet."
        if isinstance(verdict, Outcome):
            return verdict
        self._memory.state = LoopState.NEXT_PATCH
        self._memory.remark = verdict
        return None

    async def _while_paused(self) -> None:
        if not self._memory.paused:
            return
        await self._say("Paused")
        await workflow.wait_condition(lambda: not self._memory.paused)

    # --- hosts --------------------------------------------------------------------------------------------------------

    @property
    def _workspace(self) -> Workspace:
        if not self._memory.workspace:
            raise RuntimeError("the loop has no workspace yet")
        return self._memory.workspace

    async def _open_workspace(self) -> None:
        spec = self._spec
        request = WorkspaceRequest(spec.id, spec.source, spec.branch, spec.task)
        self._memory.workspace = await steps.open_workspace(request)

    async def _on_a_living_host(self, step: Callable[[], Awaitable[T]]) -> T:
        """Do a step, and do it again on whichever host takes the work when its host dies in the middle."""
        while True:
            try:
                return await step()
            except ActivityError as error:
                if not host_lost(error) or self._memory.moves == MAX_MOVES:
                    raise
                self._memory.moves += 1
                await self._say("The agent's host went away; going on from the last checkpoint")
                await self._open_workspace()

    # --- endings ------------------------------------------------------------------------------------------------------

    def _explain(self, error: FailureError | asyncio.CancelledError) -> Outcome:
        if isinstance(error, FailureError) and not (self._cancelled or is_cancelled_exception(error)):
            return failed_outcome(error)
        reason = self._cancelled or "the operator cancelled it"
        return Outcome(Ending.CANCELLED, reason, "Put the label on again to start over.")

    async def _finish(self, outcome: Outcome) -> LoopResult:
        """Publish what is worth it, clean up, and report."""
        published = None
        if outcome.ending in {Ending.DONE, Ending.GAVE_UP} and self._memory.change.files:
            await self._say("Pushing the branch")
            time = workflow.now().isoformat()  # once, so that a repeated push is the same commit
            try:
                published = await self._on_a_living_host(lambda: self._publish(time))
            except ActivityError as error:
                outcome = failed_outcome(error)
        await self._close_workspace()
        self._memory.state = LoopState.DONE
        return LoopResult(
            outcome=outcome,
            iterations=self._memory.iteration,
            branch=self._spec.branch,
            base_branch=self._memory.workspace.base_branch if self._memory.workspace else "",
            published=published,
            checks=self._memory.checks,
            message=self._memory.message,
        )

    async def _publish(self, time: str) -> Published:
        return await steps.publish_branch(PublishRequest(self._workspace, self._spec.commit_message, time))

    async def _close_workspace(self) -> None:
        """Clean up; what cannot be cleaned now is swept up later, and is no reason to fail."""
        if not self._memory.workspace:
            return
        try:
            await steps.close_workspace(self._workspace)
        except ActivityError as error:
            workflow.logger.warning("workspace not closed: %s", error.cause)

    async def _say(self, note: str) -> None:
        """Tell whoever follows the loop what happens now."""
        self._memory.note = note
        workflow.set_current_details(note)
        if not self._spec.report_to:
            return
        listener = workflow.get_external_workflow_handle(self._spec.report_to)
        try:
            await listener.signal(PROGRESS, self.status())
        except FailureError:
            workflow.logger.info("nobody follows this loop any more")
