"""Which checks are due when, and running them: builds and formatters first, then tests and linters side by side."""

import asyncio

from workflows import steps
from workflows.model import Category, CheckCommand, CheckResult, ChecksRequest, Claim, Phase, Workspace


def due(commands: tuple[CheckCommand, ...], claim: Claim) -> tuple[CheckCommand, ...]:
    """Select the checks that follow an agent run: some only matter once the agent says that it is done."""
    phases = (Phase.EACH_UNIT, Phase.ON_COMPLETION) if claim is Claim.COMPLETE else (Phase.EACH_UNIT,)
    return tuple(command for command in commands if command.phase in phases)


def final(commands: tuple[CheckCommand, ...]) -> tuple[CheckCommand, ...]:
    """Select the checks that run once, when everything else passes."""
    return tuple(command for command in commands if command.phase is Phase.FULL_LOOP)


async def run_checks(
    workspace: Workspace, iteration: int, commands: tuple[CheckCommand, ...]
) -> tuple[CheckResult, ...]:
    """Run checks in the worktree; a red check is a result, an error means that it could not be run."""
    tests = tuple(command for command in commands if command.category is Category.TEST)
    linters = tuple(command for command in commands if command.category is Category.LINT)
    others = tuple(command for command in commands if command not in tests + linters)
    before = await steps.run_other_checks(ChecksRequest(workspace, iteration, others))
    side_by_side = await asyncio.gather(
        steps.run_tests(ChecksRequest(workspace, iteration, tests)),
        steps.run_linters(ChecksRequest(workspace, iteration, linters)),
        return_exceptions=True,  # both are over when one has failed: nothing runs on in the worktree
    )
    return before + tuple(result for results in side_by_side for result in _or_raise(results))


def _or_raise(results: tuple[CheckResult, ...] | BaseException) -> tuple[CheckResult, ...]:
    if isinstance(results, BaseException):
        raise results
    return results
