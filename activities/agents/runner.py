"""The activity `run_agent`: one agent, one prompt, one worktree, and a typed failure if it does not end well."""

import asyncio
import re
import shutil
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import process
from activities.agents import providers
from activities.agents.breakers import Breakers
from activities.agents.claim import claim_of, without_claim
from activities.agents.environment import AgentSettings, environment_of, private_home, secrets_of
from activities.agents.failures import error
from activities.agents.provider import AgentError, AgentRun, Answer, Invocation, Provider
from activities.agents.turn import Turn, not_begun
from activities.output import new_log
from activities.workspaces.folders import make_folder, replace_file
from workflows.model import AgentResult, AgentTask, Failure, FailureDetail

LONGEST_MESSAGE = 2_000
LONGEST_ANSWER = 200_000
LONGEST_MODEL = 100
GRACE_SECONDS = 2
"""An agent that is stopped has nothing to save: its work is in the tree."""
MODEL_NAME = re.compile(r"[A-Za-z0-9][\w.:/@\[\]-]{0,199}")
"""Model names come from configuration files of repositories; one that begins with `-` would be an option."""


class AgentActivities:
    """Runs agents with what the operator allows them to see."""

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings
        self._providers = {provider.profile.name: provider for provider in providers(settings.command)}
        self._slots = asyncio.Semaphore(settings.slots)
        self._breakers = Breakers(settings.breakers) if settings.breakers else None

    @activity.defn
    async def run_agent(self, task: AgentTask, /) -> AgentResult:
        """Run one agent over one prompt; raises an error with a `Failure` type when the run did not end well."""
        turn = Turn()
        try:
            provider = self._provider(task)
            with process.heartbeating(turn.details):  # an agent that waits for its slot must not look like a dead host
                async with self._slots:
                    turn.has_come = True
                    with self._guard(task.provider):
                        return await self._run(provider, task)
        except asyncio.CancelledError:
            if turn.has_come:
                raise
            raise not_begun(task.provider) from None
        except AgentError as failed:
            model = _short(failed.model) or task.model
            detail = FailureDetail(task.provider, failed.retry_after, failed.seconds, failed.usage, model)
            raise ApplicationError(failed.message, detail, type=failed.failure, non_retryable=True) from failed

    def _provider(self, task: AgentTask) -> Provider:
        provider = self._providers.get(task.provider)
        if provider is None:
            known = ", ".join(self._providers)
            raise AgentError(Failure.CONFIGURATION, f"There is no agent provider “{task.provider}”. Known are {known}.")
        if task.model and not MODEL_NAME.fullmatch(task.model):
            raise error(provider.profile, Failure.CONFIGURATION, f"“{task.model}” is no name of a model")
        if not shutil.which(provider.profile.binary, path=self._settings.path):
            install = (
                f"`{provider.profile.binary}` was not found on this host; to install it: {provider.profile.install}"
            )
            raise error(provider.profile, Failure.CONFIGURATION, install)
        return provider

    def _guard(self, provider: str) -> AbstractContextManager[None]:
        return self._breakers.guarding(provider) if self._breakers else nullcontext()

    async def _run(self, provider: Provider, task: AgentTask) -> AgentResult:
        directory = Path(task.workspace.directory)
        async with private_home(provider.profile, self._settings, directory) as home:
            run = AgentRun(
                tree=directory / "tree",
                prompt=Path(task.prompt),
                home=home,
                model=task.model,
                secrets=secrets_of(provider.profile, self._settings),
                read_only=task.read_only,
            )
            invocation = provider.invocation(run)
            _write(invocation)
            finished = await process.run(self._command(task, run, invocation))
        try:
            answer = provider.read(finished)
        except AgentError as failed:
            failed.seconds, failed.usage = finished.seconds, provider.usage(finished)
            failed.model = provider.model(finished)
            raise
        return _result(task, answer, finished.seconds)

    def _command(self, task: AgentTask, run: AgentRun, invocation: Invocation) -> process.Command:
        profile = self._providers[task.provider].profile
        return process.Command(
            argv=invocation.argv,
            cwd=run.tree,
            env={**environment_of(profile, self._settings, run.home), **invocation.env, **_told(task)},
            stdin=invocation.stdin,
            log=new_log(Path(task.workspace.directory, "logs", f"{_name(task)}-agent-{profile.name}.log")),
            wall_seconds=task.wall_seconds,
            idle_seconds=task.idle_seconds,
            grace_seconds=GRACE_SECONDS,
        )


def _write(invocation: Invocation) -> None:
    for path, text in invocation.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _name(task: AgentTask) -> str:
    """Name what a run leaves behind; questions are counted by themselves, beside the iterations."""
    return f"iteration-{task.iteration}-question" if task.read_only else f"iteration-{task.iteration}"


def _told(task: AgentTask) -> dict[str, str]:
    """Tell every agent by its environment what only some can be told by an option."""
    return {"AIDP_READ_ONLY": "1"} if task.read_only else {}


def _result(task: AgentTask, answer: Answer, seconds: float) -> AgentResult:
    return AgentResult(
        provider=task.provider,
        claim=claim_of(answer.text),
        message=without_claim(answer.text)[-LONGEST_MESSAGE:],
        usage=answer.usage,
        model=_short(answer.model) or task.model,
        seconds=round(seconds, 1),
        answer=_kept(task, answer.text),
    )


def _short(model: str) -> str:
    """Take a model's name as an agent told it: a short line, whatever it was."""
    return " ".join(model.split())[:LONGEST_MODEL]


def _kept(task: AgentTask, text: str) -> str:
    """Write down what the agent said in the end, whole or not at all, and return where."""
    folder = Path(task.workspace.directory, "answers")
    make_folder(folder)
    path = folder / f"{_name(task)}-{task.provider}.md"
    replace_file(path, text.encode(errors="replace")[-LONGEST_ANSWER:].decode(errors="ignore"))
    return str(path)
