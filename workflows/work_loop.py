"""The work loop: an agent edits, tests and linters judge, until the work is done or somebody has to decide.

    ready -> apply_patch -> test -> done | diagnose -> next_patch -> ready

Fix forward: nothing is rolled back, what fails becomes the next prompt. The loop knows nothing of GitHub issues; who
wants to follow it gets `Progress` signals.
"""

import asyncio
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from workflows import steps
from workflows.answering import AnsweringLoop
from workflows.budget import raised_config
from workflows.cancelling import being_cancelled, heed_cancellation, unbroken
from workflows.check_runs import due, final, run_checks
from workflows.failover import Lineup
from workflows.failures import failed_outcome
from workflows.guarding import GuardPost
from workflows.harvest import Harvest
from workflows.inquiry import Inquirer
from workflows.judgement import Round, judge, stalled
from workflows.lodging import Lodging
from workflows.loop_controls import is_late
from workflows.loop_memory import LoopInput, seconds_since
from workflows.model import (
    CheckCommand,
    CheckResult,
    Ending,
    Guards,
    LoopResult,
    LoopSpec,
    LoopState,
    Outcome,
    Question,
    RepoConfig,
    Subject,
    WorkspaceRequest,
)
from workflows.steering import BY_OPERATOR

UNHEARD = "The work is not over: there are new instructions."
"""Why the loop goes on when somebody has added something while the agent was at it."""
TIGHTENED = "The guards were tightened after the last look at the work: what they no longer allow is taken out of it."
UNGUARDED = "the guards were tightened after the last look at the work, and no iteration is left for another"
UNMET = "The checks pass, but a comparison with the task found this missing. Do it, or say why it is not needed:"


@workflow.defn
class WorkLoopWorkflow(AnsweringLoop):
    """One task, one branch, as many iterations as it takes."""

    @workflow.init
    def __init__(self, start: LoopInput) -> None:
        super().__init__(start)
        self._guard = GuardPost(self._memory, self._say, self._advisor)
        self._lodging = Lodging(_request(start.spec), self._memory, self._say)
        self._inquirer = Inquirer(self._memory, self._desk)
        self._harvest = Harvest(start.spec, self._memory, self._lodging, self._guard, self._say)

    @workflow.run
    async def run(self, start: LoopInput) -> LoopResult:
        """Work to an ending, and leave nothing behind but the branch."""
        work = self._begin(self._to_the_end())
        try:
            outcome = await work
        except (FailureError, asyncio.CancelledError) as error:
            outcome = self._explain(error)
            self._memory.closing = True
        await workflow.wait_condition(workflow.all_handlers_finished)
        await unbroken(self._telling.finish(), self._stop)
        if outcome is None:
            workflow.continue_as_new(LoopInput(start.spec, self._memory))
        return await unbroken(self._finish(outcome), self._stop)

    # --- the loop -----------------------------------------------------------------------------------------------------

    async def _to_the_end(self) -> Outcome | None:
        """Work until there is an outcome that nobody holds up or adds to; None asks for a fresh history."""
        while outcome := await self._go_on():
            await self._desk.while_paused()
            remark = self._still_to_be_told(outcome)
            if not remark:
                self._memory.closing = True  # between this and the last look at the instructions nothing is awaited
                return self._held_back(outcome)
            self._memory.remark = remark
        return None

    async def _go_on(self) -> Outcome | None:
        """Iterate until there is an outcome; None asks for a fresh history."""
        if not self._memory.workspace:
            await self._prepare()
        if self._harvest.needs_no_agent:
            return Outcome(Ending.DONE, "there were no conflicts")
        while self._memory.iteration < self._memory.config.max_iterations:
            heed_cancellation()
            if workflow.info().is_continue_as_new_suggested():
                return None
            await self._desk.while_paused()
            await self._reload_if_asked()
            if outcome := await self._lodging.on_a_living_host(self._iterate):
                return outcome
        return Outcome(Ending.GAVE_UP, f"not done after {self._memory.iteration} iterations", self._advisor.go_on)

    def _still_to_be_told(self, outcome: Outcome) -> str:
        """Say why the work goes on when somebody has added something while it came to its end, and can be heard."""
        memory = self._memory
        has_turns = memory.iteration < memory.config.max_iterations and not self._harvest.needs_no_agent
        if not has_turns or outcome.ending is Ending.FAILED:
            return ""
        return UNHEARD if memory.unheard else TIGHTENED * memory.tightened_since

    def _held_back(self, outcome: Outcome) -> Outcome:
        """Publish nothing that the guards would have to look at once more."""
        if not self._memory.tightened_since or not self._harvest.is_worth_publishing(outcome):
            return outcome
        return Outcome(Ending.FAILED, UNGUARDED, self._advisor.go_on)

    async def _prepare(self) -> None:
        self._memory.started = workflow.now().isoformat()
        await self._say("Preparing a workspace")
        await self._lodging.open()
        config = await steps.read_config(self._spec.source) if self._spec.read_config else self._spec.config
        await self._apply(config)
        self._memory.guard_rules = self._memory.guard_rules.first_read(self._guards(config))

    async def _apply(self, config: RepoConfig) -> None:
        """Work by this configuration from now on."""
        memory, spec = self._memory, self._spec
        own = replace(
            config,
            providers=spec.providers or config.providers,
            max_iterations=spec.max_iterations or config.max_iterations,
        )
        memory.config = raised_config(own, memory.allowed)
        memory.lineup = Lineup.of(own.providers)
        if memory.preferred:
            memory.lineup = memory.lineup.preferring(memory.preferred)
        detect = config.commands is None
        memory.commands = (
            await self._lodging.on_a_living_host(lambda: steps.detect_checks(self._lodging.workspace))
            if detect
            else config.commands or ()
        )

    def _guards(self, config: RepoConfig) -> Guards:
        return replace(config.guards, keep_tests=self._spec.keep_tests or config.guards.keep_tests)

    async def _reload_if_asked(self) -> None:
        if self._memory.reload:
            self._memory.reload = False
            await self._say("Reading the configuration again")
            try:
                config = await steps.read_config(self._spec.source)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                self._memory.happened(f"The old configuration stays: {failed_outcome(error).reason}")
                return
            await self._apply(config)
            self._memory.guard_rules = self._memory.guard_rules.read_again(self._guards(config))
            self._memory.happened("The configuration was read again")

    async def _iterate(self) -> Outcome | None:
        """One round: agent, checks, guards, checkpoint, verdict. Repeated as a whole when its host is lost."""
        memory, workspace = self._memory, self._lodging.workspace
        memory.state = LoopState.APPLY_PATCH
        answer = await self._desk.answer(workspace)
        if isinstance(answer, Outcome):
            return answer
        await self._desk.while_paused()
        memory.state = LoopState.TEST
        await self._say("Running the checks")
        checks = await self._checked(due(memory.commands, answer.claim))
        await self._desk.while_paused()
        admitted = await self._guard.admit(workspace)
        if isinstance(admitted, Outcome):
            return admitted
        this = Round(answer, checks, await self._lodging.checkpoint(admitted.tree), admitted.feedback)
        if this.complete and not memory.unheard:
            this = replace(this, final=await self._checked(final(memory.commands)))
        memory.state = LoopState.DIAGNOSE
        memory.conclude(this)
        return await self._decide(this)

    async def _checked(self, commands: tuple[CheckCommand, ...]) -> tuple[CheckResult, ...]:
        """Run checks; those that somebody interrupts, once more when the work goes on."""
        while True:
            checks = run_checks(self._lodging.workspace, self._memory.iteration + 1, commands)
            try:
                return await self._step.run(checks)
            except (ActivityError, asyncio.CancelledError) as error:
                if being_cancelled() or not is_cancelled_exception(error):
                    raise
            await self._desk.while_paused()

    async def _decide(self, this: Round) -> Outcome | None:
        """End the work, or go on with a remark for the next prompt."""
        memory = self._memory
        verdict = judge(this, memory.streak, self._advisor)
        if isinstance(verdict, Outcome) and memory.instructions:
            verdict = UNHEARD
        if isinstance(verdict, Outcome) and verdict.ending is Ending.DONE and self._spec.verify:
            verdict = await self._verified(verdict)
        if isinstance(verdict, Outcome):
            return verdict
        if stalled(memory.streak):
            memory.happened(f"Nothing moves with {memory.provider}; another agent has its turn, if there is one")
            memory.lineup = memory.lineup.escalated(memory.provider)
        memory.state = LoopState.NEXT_PATCH
        memory.remark = verdict
        return None

    async def _verified(self, done: Outcome) -> Outcome | str:
        """Have an agent look for what is missing; it may hold the work up so often, and then that is told."""
        memory = self._memory
        memory.verifications += 1
        await self._say("Comparing the work with what was asked for")
        answer = await self._inquirer.ask(self._lodging.workspace, Question(Subject.VERIFICATION))
        if isinstance(answer, Outcome) or not answer.verification:
            memory.happened("Nobody could compare the work with what was asked for")
            return done
        memory.unmet = answer.verification.unmet
        if not memory.unmet or memory.verifications >= memory.config.pull_request.verify_rounds:
            return done
        memory.happened(f"Not done yet: {'; '.join(memory.unmet)}")
        return "\n".join((UNMET, *(f"- {criterion}" for criterion in memory.unmet)))

    # --- endings ------------------------------------------------------------------------------------------------------

    async def _finish(self, outcome: Outcome) -> LoopResult:
        """Publish what is worth it, clean up, and report."""
        memory, published = self._memory, None
        if outcome.ending is Ending.CANCELLED:
            await self._harvest.keep_unfinished()
        else:
            memory.leave_unheard()
        if self._harvest.is_worth_publishing(outcome):
            try:
                published = await self._harvest.publish()
            except (ActivityError, asyncio.CancelledError) as error:
                outcome = self._explain(error)
        outcome = self._harvest.with_kept_work(outcome, await self._lodging.close())
        await self._account.settle()
        if memory.cancelled and outcome.ending is not Ending.CANCELLED:
            is_late(memory, "A cancellation by the operator")
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
            unmet=memory.unmet,
            model=memory.model,
        )

    def _stop(self) -> None:
        """Hear from Temporal that the work is cancelled when it is over: only the push can still be stopped."""
        self._memory.cancelled = self._memory.cancelled or BY_OPERATOR
        self._harvest.stop()


def _request(spec: LoopSpec) -> WorkspaceRequest:
    """Ask for the workspace a loop needs."""
    return WorkspaceRequest(
        loop_id=spec.id,
        source=spec.source,
        branch=spec.branch,
        task=spec.task,
        start_branch=spec.start_branch,
        start_branches=spec.start_branches,
        start_sha=spec.start_sha,
        basis=spec.basis,
    )
