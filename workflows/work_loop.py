"""The work loop: an agent edits, tests and linters judge, until the work is done or somebody has to decide.

    ready -> apply_patch -> test -> done | diagnose -> next_patch -> ready

Fix forward: nothing is rolled back, what fails becomes the next prompt. The loop knows nothing of GitHub issues; who
wants to follow it gets `Progress` signals.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from workflows import steps
from workflows.budget import raised_config
from workflows.check_runs import due, final, run_checks
from workflows.failover import Lineup
from workflows.failures import failed_outcome, host_lost
from workflows.guarding import GuardPost
from workflows.judgement import Round, judge, stalled
from workflows.loop_memory import LoopInput, seconds_since
from workflows.model import (
    CheckpointRequest,
    Ending,
    LoopResult,
    LoopState,
    Outcome,
    Progress,
    Published,
    PublishRequest,
    RepoConfig,
    Workspace,
    WorkspaceRequest,
)
from workflows.steering import SteeredLoop
from workflows.tightening import tighten

MAX_MOVES = 5
"""How often the work may lose its host before it is given up."""
UNHEARD = "The work is not over: there are new instructions."
"""Why the loop goes on when somebody has added something while the agent was at it."""
PROGRESS = "progress"
"""Name of the signal that `LoopSpec.report_to` gets."""

T = TypeVar("T")


@workflow.defn
class WorkLoopWorkflow(SteeredLoop):
    """One task, one branch, as many iterations as it takes."""

    @workflow.init
    def __init__(self, start: LoopInput) -> None:
        super().__init__(start)
        self._guard = GuardPost(self._memory, self._say)
        self._tellings: list[asyncio.Task[None]] = []

    @workflow.run
    async def run(self, start: LoopInput) -> LoopResult:
        """Work to an ending, and leave nothing behind but the branch."""
        self._work = asyncio.create_task(self._to_the_end())
        if self._cancelled:  # before the first step
            self._work.cancel()
        try:
            outcome = await self._work
        except (FailureError, asyncio.CancelledError) as error:
            outcome = self._explain(error)
        await workflow.wait_condition(workflow.all_handlers_finished)
        await asyncio.gather(*self._tellings)
        if outcome is None:
            workflow.continue_as_new(LoopInput(start.spec, self._memory))
        return await self._finish(outcome)

    # --- the loop -----------------------------------------------------------------------------------------------------

    async def _to_the_end(self) -> Outcome | None:
        """Iterate until there is an outcome; None asks for a fresh history."""
        if not self._memory.workspace:
            await self._begin()
        while self._memory.iteration < self._memory.config.max_iterations:
            if workflow.info().is_continue_as_new_suggested():
                return None
            await self._desk.while_paused()
            await self._reload_if_asked()
            if outcome := await self._on_a_living_host(self._iterate):
                return outcome
        advice = "Say what is missing, then put the label on again to go on from the branch."
        return Outcome(Ending.GAVE_UP, f"not done after {self._memory.iteration} iterations", advice)

    async def _begin(self) -> None:
        self._memory.started = workflow.now().isoformat()
        await self._say("Preparing a workspace")
        await self._open_workspace()
        await self._apply(await steps.read_config(self._spec.source) if self._spec.read_config else self._spec.config)
        await self._account.open()

    async def _apply(self, config: RepoConfig) -> None:
        """Work by this configuration from now on."""
        memory, spec = self._memory, self._spec
        own = replace(
            config,
            providers=spec.providers or config.providers,
            max_iterations=spec.max_iterations or config.max_iterations,
        )
        memory.config = raised_config(own, memory.allowed)
        memory.guards = config.guards
        memory.lineup = Lineup.of(own.providers)
        if memory.preferred:
            memory.lineup = memory.lineup.preferring(memory.preferred)
        detect = config.commands is None
        memory.commands = await steps.detect_checks(self._workspace) if detect else config.commands or ()

    async def _reload_if_asked(self) -> None:
        if self._memory.reload:
            self._memory.reload = False
            await self._say("Reading the configuration again")
            guards = self._memory.guards
            try:
                config = await steps.read_config(self._spec.source)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                self._memory.happened(f"The old configuration stays: {failed_outcome(error).reason}")
                return
            await self._apply(config)
            self._memory.guards = tighten(guards, self._memory.guards)  # what somebody tightened meanwhile still holds
            self._memory.happened("The configuration was read again")

    async def _iterate(self) -> Outcome | None:
        """One round: agent, checks, guards, checkpoint, verdict. Repeated as a whole when its host is lost."""
        memory, workspace = self._memory, self._workspace
        memory.state = LoopState.APPLY_PATCH
        answer = await self._desk.answer(workspace)
        if isinstance(answer, Outcome):
            return answer
        await self._desk.while_paused()
        memory.state = LoopState.TEST
        await self._say("Running the checks")
        checks = await run_checks(workspace, memory.iteration + 1, due(memory.commands, answer.claim))
        admitted = await self._guard.admit(workspace)
        if isinstance(admitted, Outcome):
            return admitted
        time = workflow.now().isoformat()
        request = CheckpointRequest(workspace, memory.iteration + 1, time, admitted.tree)
        this = Round(answer, checks, await steps.commit_checkpoint(request), admitted.feedback)
        memory.state = LoopState.DIAGNOSE
        memory.conclude(this)
        return await self._decide(this)

    async def _decide(self, this: Round) -> Outcome | None:
        """End the work, or go on with a remark for the next prompt."""
        memory = self._memory
        verdict = judge(this, memory.streak)
        if isinstance(verdict, Outcome) and memory.instructions:
            verdict = UNHEARD
        if isinstance(verdict, Outcome) and verdict.ending is Ending.DONE:
            checks = await run_checks(self._workspace, memory.iteration, final(memory.commands))
            memory.checks += checks
            if any(check.required and not check.passed for check in checks):
                verdict = "The final checks do not pass yet."
                memory.happened(verdict)
        if isinstance(verdict, Outcome):
            return verdict
        if stalled(memory.streak):
            memory.happened(f"Nothing moves with {memory.provider}; another agent has its turn, if there is one")
            memory.lineup = memory.lineup.escalated(memory.provider)
        memory.state = LoopState.NEXT_PATCH
        memory.remark = verdict
        return None

    # --- hosts --------------------------------------------------------------------------------------------------------

    @property
    def _workspace(self) -> Workspace:
        if not self._memory.workspace:
            raise RuntimeError("the loop has no workspace yet")
        return self._memory.workspace

    async def _open_workspace(self) -> None:
        spec = self._spec
        request = WorkspaceRequest(spec.id, spec.source, spec.branch, spec.task, spec.start_branch)
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
                lost = "The agent's host went away; going on from the last checkpoint"
                self._memory.happened(lost)
                await self._say(lost)
                await self._open_workspace()

    # --- endings ------------------------------------------------------------------------------------------------------

    def _explain(self, error: FailureError | asyncio.CancelledError) -> Outcome:
        if isinstance(error, FailureError) and not (self._cancelled or is_cancelled_exception(error)):
            return failed_outcome(error)
        reason = self._cancelled or "the operator cancelled it"
        return Outcome(Ending.CANCELLED, reason, "Put the label on again to start over.")

    async def _finish(self, outcome: Outcome) -> LoopResult:
        """Publish what is worth it, clean up, and report."""
        memory, published = self._memory, None
        if outcome.ending in {Ending.DONE, Ending.GAVE_UP} and memory.change.files:
            await self._say("Pushing the branch")
            time = workflow.now().isoformat()  # once, so that a repeated push is the same commit
            try:
                published = await self._on_a_living_host(lambda: self._publish(time))
            except ActivityError as error:
                outcome = failed_outcome(error)
        outcome = self._with_kept_work(outcome, await self._close_workspace())
        await self._account.settle()
        memory.state = LoopState.DONE
        memory.happened(f"Ended ({outcome.ending}): {outcome.reason}")
        return LoopResult(
            outcome=outcome,
            iterations=memory.iteration,
            branch=self._spec.branch,
            base_branch=memory.workspace.base_branch if memory.workspace else "",
            published=published,
            checks=memory.checks,
            message=memory.message,
            provider=memory.provider,
            spent=memory.spent,
            seconds=seconds_since(memory.started, workflow.now()),
        )

    async def _publish(self, time: str) -> Published:
        return await steps.publish_branch(PublishRequest(self._workspace, self._spec.commit_message, time))

    async def _close_workspace(self) -> str:
        """Clean up; what cannot be cleaned now is swept up later, and is no reason to fail."""
        if not self._memory.workspace:
            return ""
        try:
            return await steps.close_workspace(self._workspace)
        except ActivityError as error:
            workflow.logger.warning("workspace not closed: %s", error.cause)
            return ""

    def _with_kept_work(self, outcome: Outcome, ref: str) -> Outcome:
        """Say where the work is that was not published."""
        if not ref:
            return outcome
        look = "git show" if self._spec.source.project_dir else "git fetch origin"
        return replace(outcome, advice=f"{outcome.advice} The work so far is kept: `{look} {ref}`.".lstrip())

    async def _say(self, note: str) -> None:
        """Tell whoever follows the loop what happens now; the work does not wait until they have heard."""
        self._memory.note = note
        workflow.set_current_details(note)
        if self._spec.report_to:
            self._tellings = [it for it in self._tellings if not it.done()]
            self._tellings.append(asyncio.create_task(self._tell(self.status())))

    async def _tell(self, progress: Progress) -> None:
        listener = workflow.get_external_workflow_handle(self._spec.report_to)
        try:
            await listener.signal(PROGRESS, progress)
        except FailureError:
            workflow.logger.info("nobody follows this loop any more")
