"""What comes of the work in the end: a branch that is pushed, or a checkpoint that is kept."""

import asyncio
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows import steps
from workflows.failures import failed_outcome
from workflows.guarding import GuardPost
from workflows.holding import Say
from workflows.lodging import Lodging
from workflows.loop_memory import LoopMemory
from workflows.model import Basis, Ending, LoopSpec, Outcome, Published, PublishRequest

KEPT = "what a cancellation stops is kept"
"""Name of a patch: a loop that was ending so by an older version ends as it began to."""
NOT_KEPT = "What was under way is not kept: {reason}"


class Harvest:
    """Brings the work home."""

    def __init__(self, spec: LoopSpec, memory: LoopMemory, lodging: Lodging, guard: GuardPost, say: Say) -> None:
        self._spec = spec
        self._memory = memory
        self._lodging = lodging
        self._guard = guard
        self._say = say
        self._push: asyncio.Task[Published] | None = None

    @property
    def needs_no_agent(self) -> bool:
        """Whether git has merged or rebased everything by itself."""
        workspace = self._lodging.workspace
        return workspace.basis in {Basis.MERGE, Basis.REBASE} and not workspace.conflicts

    def is_worth_publishing(self, outcome: Outcome) -> bool:
        """Whether people gain by seeing it: also unfinished work, but no half-merged one."""
        if outcome.ending is Ending.DONE:
            return bool(self._memory.change.files) or self.needs_no_agent
        return outcome.ending is Ending.GAVE_UP and bool(self._memory.change.files) and self._spec.basis is Basis.BUILD

    async def publish(self) -> Published:
        """Push the branch; raises when somebody stops that before it is there."""
        time = workflow.now().isoformat()  # once, so that a repeated push is the same commit
        self._push = asyncio.create_task(self._lodging.on_a_living_host(lambda: self._publish(time)))
        await self._say("Pushing the branch")
        if self._memory.cancelled:
            self._push.cancel()
        return await self._push

    def stop(self) -> None:
        """Stop the push."""
        if self._push:
            self._push.cancel()

    async def keep_unfinished(self) -> None:
        """Make a checkpoint of what was under way when somebody cancelled it, but for what the guards refuse."""
        memory = self._memory
        if not memory.workspace or memory.workspace.basis not in {Basis.BUILD, Basis.AMEND} or self._push:
            return
        if not workflow.patched(KEPT):
            return
        try:
            admitted = await self._guard.admit(memory.workspace, ask=False)
            if not isinstance(admitted, Outcome):
                memory.checkpoint = await self._lodging.checkpoint(admitted.tree)
        except ActivityError as error:
            memory.happened(NOT_KEPT.format(reason=failed_outcome(error).reason))

    def with_kept_work(self, outcome: Outcome, ref: str) -> Outcome:
        """Say where the work is that was not published."""
        if not ref:
            return outcome
        look = "git show" if self._spec.source.project_dir else "git fetch origin"
        advice = f"{outcome.advice} The work so far is kept: `{look} {ref}`.".lstrip()
        return replace(outcome, advice=advice)

    async def _publish(self, time: str) -> Published:
        return await steps.publish_branch(PublishRequest(self._lodging.workspace, self._spec.commit_message, time))
