"""The command that shows by which rules the work goes here."""

from dataclasses import asdict

from workflows.commands.command import Request, command
from workflows.model import Limits, Permission, RepoConfig


@command("config", Permission.ADMIN)
async def config(request: Request) -> str:
    """Show the configuration in force here."""
    return "\n".join(f"- {line}" for line in _lines(request.config))


def _lines(config: RepoConfig) -> list[str]:
    ci, budget = config.ci, config.budget
    checks = ", ".join(f"`{each.command}`" for each in config.commands or ()) or "none"
    return [
        f"Agents, in this order: {', '.join(config.providers)}",
        f"Checks: {'detected in the repository' if config.commands is None else checks}",
        f"At most {config.max_iterations} iterations",
        f"Budget of a run: {_words(budget.run)}; of an issue: {_words(budget.issue)}; of a day: {_words(budget.day)}",
        f"Red CI is repaired {'without being asked' if ci.fix else 'when asked'}, at most {ci.attempts} times",
        f"Reviewers: {', '.join(config.review.perspectives)}",
        f"Pull requests are opened {'as drafts' if config.pull_request.draft else 'for review'}",
    ]


def _words(limits: Limits) -> str:
    given = ((name, value) for name, value in asdict(limits).items() if value is not None)
    return ", ".join(f"{value:g} {name}" for name, value in given) or "no limit"
