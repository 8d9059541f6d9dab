"""A plan for an issue, and the people it waits for: their answers, their approval.

An approval holds for one plan, one text of the issue and one commit. Whatever of these somebody changes, voids it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from workflows import github_steps, steps
from workflows.loop_controls import refusal
from workflows.model import (
    Actor,
    ApprovedPlan,
    ConsultationSpec,
    Ending,
    EventKind,
    Issue,
    Note,
    Outcome,
    Plan,
    PlanAnswer,
    PlanPost,
    Question,
    Steering,
    Subject,
    WrittenPlan,
)
from workflows.processors.plan_answers import addressed
from workflows.processors.processor import Processor
from workflows.tasks import plan_text, question_task

A_DAY = timedelta(days=1)
FOR_ANSWERS = "It waits for answers to the plan's questions: reply here, or `/aidp answer 1 …` (triage permission)"
FOR_APPROVAL = (
    "It waits for somebody with write permission: `/aidp approve`, or `/aidp plan` with a hint for another plan"
)
REMINDER = "The plan still {what}. It is put away on {closes}."
NOTHING_TO_APPROVE = "There is no plan to approve yet; it is being made."
AT_SIGHT = "decided-at-sight"
ISSUE_EDITED = "The issue was edited after the plan was made. What was approved is void; a new plan follows."
PLAN_EDITED = "The plan comment was edited by somebody. The approval is void; this is the plan again, approve it anew."
ABANDONED = "nobody answered for {days:g} days"
ADVICE = "Put the label on again whenever you like; the plan stays where it is."


@dataclass(slots=True)
class Draft:
    """A plan on its way to being approved."""

    issue: Issue
    plan: Plan
    written: WrittenPlan
    base_sha: str


class Planning:
    """Makes a plan, and waits until somebody lets it pass."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor
        self._plan: Plan | None = None
        self._before: Plan | None = None
        self._version = 0
        self._comment_id = 0
        self._answers: tuple[PlanAnswer, ...] = ()
        self._open: set[int] = set()
        self._hint = processor.order.hint
        self._approver: Actor | None = None
        """Of the plan that people see; whatever voids it, takes it back."""
        self._built_at_once: Actor | None = None
        self._rejected = ""
        self._again = False
        self._making = False
        self._waits = False
        self._waits_for_approval = False

    async def make(self, *, needs_approval: bool) -> ApprovedPlan | Outcome:
        """Plan, ask, plan again, until there is a plan that may be built; an outcome says why there is none."""
        self._making = True
        try:
            return await self._make(needs_approval=needs_approval)
        finally:
            self._making = False

    async def _make(self, *, needs_approval: bool) -> ApprovedPlan | Outcome:
        while True:
            draft = await self._draw_up(needs_approval=needs_approval)
            if isinstance(draft, Outcome):
                return draft
            settled = await self._settle(draft, needs_approval=needs_approval)
            if settled:
                return settled
            self._again = False

    def take(self, steering: Steering) -> str | None:
        """Take what people say to a plan."""
        match steering.verb:
            case "answer" if self._open:
                return self._answer(steering)
            case "approve" if self._making:
                return self._approve(steering)
            case "build" if self._making:
                self._built_at_once = self._approver = steering.by
                return "Approved; it is built as soon as the plan is there."
            case "reject" if self._waits:
                self._rejected = (
                    f"{steering.by.login} rejected it{f': {steering.argument}' if steering.argument else ''}"
                )
                return ""
            case "plan" if self._making and self._plan:
                self._hint, self._again, self._approver = steering.argument or self._hint, True, None
                return "Planning again."
            case _:
                return None

    # --- one plan -----------------------------------------------------------------------------------------------------

    async def _draw_up(self, *, needs_approval: bool) -> Draft | Outcome:
        processor = self._processor
        issue = await steps.read_issue(processor.item)
        consulted = await processor.consult(self._spec(issue))
        if consulted.outcome or not consulted.answer.plan:
            return consulted.outcome or Outcome(Ending.FAILED, "the agent answered with something else than a plan")
        self._before, self._plan, self._version = self._plan, consulted.answer.plan, self._version + 1
        self._open = set(range(1, len(self._plan.questions) + 1))
        if workflow.patched(AT_SIGHT):
            await self._invite(self._plan, needs_approval=needs_approval)
        written = await self._write()
        return Draft(issue, self._plan, written, consulted.base_sha)

    async def _invite(self, plan: Plan, *, needs_approval: bool) -> None:
        """Let people answer and decide as soon as they see the plan: GitHub in trouble says late that it is there."""
        if plan.questions:
            await self._processor.listen(to_answers=True)
        sees_another = self._before and not self._before.questions
        if needs_approval and not sees_another:
            self._waits, self._waits_for_approval = True, not plan.questions

    def _spec(self, issue: Issue) -> ConsultationSpec:
        processor = self._processor
        return ConsultationSpec(
            id=processor.child_id("ask"),
            source=processor.source,
            task=question_task(issue, self._hint),
            question=Question(Subject.PLAN, context=self._context()),
            number=processor.item.number,
            config=processor.config,
            report_to=workflow.info().workflow_id,
        )

    def _context(self) -> str:
        """Tell the agent what was planned and answered before."""
        if not self._plan:
            return ""
        said = "\n".join(f"- {answer.asked} {answer.author} answers: {answer.text}" for answer in self._answers)
        return "\n\n".join(part for part in (plan_text(self._plan), "## Answers" if said else "", said) if part)

    async def _write(self, *, needs_approval: bool = True, approved_by: str = "", note: str = "") -> WrittenPlan:
        written = await github_steps.write_plan(
            PlanPost(
                item=self._processor.item,
                plan=self._plan or Plan(""),
                version=self._version,
                requester=self._processor.order.requester,
                before=self._before,
                answers=self._answers,
                needs_approval=needs_approval,
                approved_by=approved_by,
                note=note,
                comment_id=self._comment_id,
            )
        )
        self._comment_id = written.comment_id
        return written

    # --- people -------------------------------------------------------------------------------------------------------

    async def _settle(self, draft: Draft, *, needs_approval: bool) -> ApprovedPlan | Outcome | None:
        """Have a plan answered or approved; `None` asks for another one."""
        if draft.plan.questions:
            return await self._have_answered()
        if self._built_at_once or not needs_approval:
            return await self._bind(draft, self._built_at_once or self._processor.order.requester)
        return await self._have_approved(draft)

    async def _have_answered(self) -> Outcome | None:
        """Wait until no question is open; then the plan is made again, with the answers."""
        if not workflow.patched(AT_SIGHT):
            await self._processor.listen(to_answers=True)
        away = await self._wait_for_people(FOR_ANSWERS, lambda: bool(not self._open or self._again or self._rejected))
        await self._processor.listen(to_answers=False)
        return away or (await self._put_away(self._rejected) if self._rejected else None)

    async def _have_approved(self, draft: Draft) -> ApprovedPlan | Outcome | None:
        """Wait for an approval of this very plan, for this very text of the issue."""
        while True:
            if away := await self._wait_for_people(FOR_APPROVAL, self._is_decided):
                return away
            if self._rejected:
                return await self._put_away(self._rejected)
            if self._again or await self._is_outdated(draft):
                return None
            if self._approver and not await self._was_tampered_with(draft):
                return await self._bind(draft, self._approver)

    def _is_decided(self) -> bool:
        edited = any(news.kind is EventKind.EDITED for news in self._processor.news)
        return bool(self._approver or self._rejected or self._again or edited)

    async def _wait_for_people(self, what: str, condition: Callable[[], bool]) -> Outcome | None:
        """Wait, remind, and in the end put the plan away; an outcome means that nothing comes of it."""
        self._waits, self._waits_for_approval = True, what is FOR_APPROVAL
        away = None if await self._patiently(what, condition) else await self._put_away(self._abandoned)
        self._waits = self._waits_for_approval = False
        return away

    async def _patiently(self, what: str, condition: Callable[[], bool]) -> bool:
        """Wait and remind; false when nobody cared for too long."""
        settings = self._processor.config.plan
        pause, closes = timedelta(hours=settings.remind_hours), workflow.now() + timedelta(hours=settings.close_hours)
        reminders = 0
        while (left := closes - workflow.now()) > timedelta(0):
            if await self._processor.ask(what, condition, min(pause, left)):
                return True
            if workflow.now() < closes:
                reminders, pause = reminders + 1, max(pause, A_DAY)
                await self._remind(what, f"{closes:%Y-%m-%d}", reminders)
        return False

    async def _remind(self, what: str, closes: str, number: int) -> None:
        text = REMINDER.format(what=what.removeprefix("It "), closes=closes)
        await self._note(f"plan-reminder-{number}", text)

    @property
    def _abandoned(self) -> str:
        return ABANDONED.format(days=self._processor.config.plan.close_hours / 24)

    async def _put_away(self, reason: str) -> Outcome:
        await self._write(needs_approval=False, note=reason)
        return Outcome(Ending.CANCELLED, reason, ADVICE)

    async def _bind(self, draft: Draft, approver: Actor) -> ApprovedPlan:
        self._waits = self._waits_for_approval = False
        await self._write(needs_approval=False, approved_by=approver.login)
        return ApprovedPlan(draft.plan, approver, draft.issue.digest, draft.base_sha)

    async def _is_outdated(self, draft: Draft) -> bool:
        """Look whether the issue is still the one the plan was made for; if not, no approval holds."""
        while self._processor.heard(EventKind.EDITED):
            pass
        issue = await steps.read_issue(self._processor.item)
        if issue.digest == draft.issue.digest:
            return False
        self._approver = self._built_at_once = None
        await self._note("issue-edited", ISSUE_EDITED)
        return True

    async def _was_tampered_with(self, draft: Draft) -> bool:
        """Look whether people saw the plan that we know; if not, it is shown to them again."""
        now = await github_steps.read_plan(self._processor.item)
        if now and now.digest == draft.written.digest:
            return False
        self._approver = self._built_at_once = None
        draft.written = await self._write()
        await self._note("plan-edited", PLAN_EDITED)
        return True

    async def _note(self, what: str, text: str) -> None:
        key = f"{what}:{workflow.info().run_id}:{self._version}"
        await steps.write_note(Note(self._processor.item, key, text, addressee=self._processor.order.requester))

    # --- what people say ----------------------------------------------------------------------------------------------

    def _answer(self, steering: Steering) -> str:
        questions = self._plan.questions if self._plan else ()
        which, said = addressed(steering.argument.strip(), len(questions))
        asked = questions[which - 1] if which else ""
        self._answers += (PlanAnswer(which, said, steering.by.login, asked),)
        self._open -= {which} if which else set(self._open)
        left = ", ".join(str(number) for number in sorted(self._open))
        return f"Question {which} is answered; open: {left}." if self._open else "Planning again with the answers."

    def _approve(self, steering: Steering) -> str:
        if not self._waits_for_approval or self._again:
            raise refusal(NOTHING_TO_APPROVE)
        self._approver = steering.by
        return ""
