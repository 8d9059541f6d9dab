"""One question to an agent about a repository: planned, reviewed or broken down, but nothing changed.

Steered, accounted for and followed like a work loop; the answer comes back as data.
"""

import asyncio
from dataclasses import dataclass, field, replace

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import steps
from workflows.answering import AnsweringLoop
from workflows.cancelling import unbroken
from workflows.failover import Lineup
from workflows.inquiry import Inquirer
from workflows.lodging import Lodging
from workflows.loop_controls import is_late
from workflows.loop_memory import LoopInput, LoopMemory
from workflows.model import (
    Answer,
    Chunks,
    ChunksRequest,
    ConsultationSpec,
    Consulted,
    Ending,
    LoopSpec,
    LoopState,
    Outcome,
    Question,
    Review,
    Severity,
    Subject,
    WorkspaceRequest,
)

MAX_FINDINGS = 50
"""Of one perspective: more than anybody reads, and all of them travel together."""


@dataclass(frozen=True, slots=True)
class ConsultationInput:
    """A question to ask, and what is known already."""

    spec: ConsultationSpec
    memory: LoopMemory = field(default_factory=LoopMemory)


@workflow.defn
class ConsultationWorkflow(AnsweringLoop):
    """One question, as many attempts as it takes."""

    @workflow.init
    def __init__(self, start: ConsultationInput) -> None:
        super().__init__(LoopInput(_loop_spec(start.spec), start.memory))
        spec = start.spec
        request = WorkspaceRequest(
            spec.id, spec.source, spec.branch, spec.task, spec.start_branch, pull=spec.pull, basis=spec.basis
        )
        self._question = spec.question
        self._lodging = Lodging(request, self._memory, self._say)
        self._inquirer = Inquirer(self._memory, self._desk)
        self._left_out: tuple[str, ...] = ()

    @workflow.run
    async def run(self, start: ConsultationInput) -> Consulted:
        """Ask, and leave nothing behind but the answer."""
        del start  # `__init__` has it
        work = self._begin(self._consult())
        try:
            answer = await work
        except (FailureError, asyncio.CancelledError) as error:
            answer = self._explain(error)
            self._memory.closing = True
        await workflow.wait_condition(workflow.all_handlers_finished)
        return await unbroken(self._finish(answer), self._stop)

    def _stop(self) -> None:
        """Hear from Temporal that it is cancelled when the answer is there."""
        is_late(self._memory, "A cancellation by the operator")

    async def _finish(self, answer: Answer | Outcome) -> Consulted:
        """Clean up, and report."""
        await self._lodging.close()
        await self._account.settle()
        self._memory.state = LoopState.DONE
        await self._telling.finish()
        return self._consulted(answer)

    async def _consult(self) -> Answer | Outcome:
        memory = self._memory
        memory.started = workflow.now().isoformat()
        memory.config = self._spec.config
        memory.lineup = Lineup.of(memory.config.providers)
        await self._say("Preparing a workspace")
        await self._lodging.open()
        await self._account.open()
        answer = await self._lodging.on_a_living_host(self._inquire)
        memory.closing = True  # between this and the last look at the instructions nothing is awaited
        memory.told = self._inquirer.told
        memory.leave_unheard()
        return answer

    async def _inquire(self) -> Answer | Outcome:
        if self._question.subject is Subject.REVIEW:
            return await self._review()
        return await self._ask(self._question)

    async def _ask(self, question: Question) -> Answer | Outcome:
        """Ask, and once more when somebody has added something while the agent was at it."""
        while True:
            answer = await self._inquirer.ask(self._lodging.workspace, question)
            await self._desk.while_paused()
            failed = isinstance(answer, Outcome) and answer.ending is Ending.FAILED
            if failed or self._inquirer.told == self._memory.most_urgent:
                return answer

    async def _review(self) -> Answer | Outcome:
        """Look at the whole diff, part by part."""
        workspace = self._lodging.workspace
        request = ChunksRequest(workspace, self._question.since_sha, self._spec.config.review.max_chunks)
        chunks: Chunks = await steps.list_chunks(request)
        self._left_out = chunks.left_out
        reviews: list[Review] = []
        for number, _ in enumerate(chunks.chunks):
            answer = await self._ask(replace(self._question, chunk=number))
            if isinstance(answer, Outcome):
                return answer
            if answer.review:
                reviews.append(answer.review)
        return Answer(review=_together(reviews))

    def _consulted(self, answer: Answer | Outcome) -> Consulted:
        memory, workspace = self._memory, self._memory.workspace
        return Consulted(
            answer=answer if isinstance(answer, Answer) else Answer(),
            outcome=answer if isinstance(answer, Outcome) else None,
            base_sha=workspace.base_sha if workspace else "",
            head_sha=workspace.start_sha if workspace else "",
            provider=memory.provider,
            spent=memory.spent,
            left_out=self._left_out,
        )


def _loop_spec(spec: ConsultationSpec) -> LoopSpec:
    """Describe the consultation as the loop its steering knows."""
    return LoopSpec(
        id=spec.id,
        source=spec.source,
        branch=spec.branch,
        task=spec.task,
        commit_message="",
        number=spec.number,
        config=spec.config,
        report_to=spec.report_to,
    )


def _together(reviews: list[Review]) -> Review:
    """Put the parts of a review together, the gravest findings first."""
    order = list(Severity)
    findings = sorted((each for review in reviews for each in review.findings), key=lambda it: order.index(it.severity))
    return Review("\n\n".join(review.summary for review in reviews if review.summary), tuple(findings[:MAX_FINDINGS]))
