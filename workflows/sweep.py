"""What loops leave that ended without closing, removed after a week: worktrees on hosts, checkpoint refs at remotes."""

from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import steps
from workflows.model import Source, SweepRefs, SweepWorktrees
from workflows.model.leftovers import WEEK
from workflows.reconcile_ports import CALL, Running


@dataclass(frozen=True, slots=True)
class RefSweep:
    """Repositories to be swept, as one history hands them to the next."""

    sources: tuple[Source, ...]


@workflow.defn
class WorktreeSweepWorkflow:
    """One look at the worktrees of a host, which starts it now and then."""

    @workflow.run
    async def run(self, host_queue: str) -> tuple[str, ...]:
        """Remove what belongs to no running loop; returns the names."""
        running = await _running()
        return await steps.sweep_worktrees(SweepWorktrees(running), host_queue)


@workflow.defn
class RefSweepWorkflow:
    """One look at the checkpoint refs of many repositories, one after the other, beside everything else."""

    @workflow.run
    async def run(self, sweep: RefSweep) -> None:
        """Remove what belongs to no running loop; a repository that can not be reached holds up no other."""
        for number, source in enumerate(sweep.sources):
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(RefSweep(sweep.sources[number:]))
            try:
                await _sweep(source)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                workflow.logger.info("the refs of %s are not swept: %s", source.repository_id, error.cause)


async def _sweep(source: Source) -> None:
    """Ask first: most repositories have nothing old, and then no token that may push is made."""
    left = await steps.list_leftovers(source)
    if any(ref.age_seconds >= WEEK for ref in left.refs):
        await steps.sweep_refs(SweepRefs(source, await _running()))


async def _running() -> tuple[str, ...]:
    return await workflow.execute_activity_method(Running.find_loops, **CALL)
