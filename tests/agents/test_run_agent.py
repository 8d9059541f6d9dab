"""The activity runs an agent in its worktree, lets it see what it may, and types its failure."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from recordings import RECORDINGS
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.agents.environment import AgentSettings
from activities.agents.runner import AgentActivities
from github_app.jobs.logs import Logs
from workflows.model import AgentResult, AgentTask, Claim, Failure, FailureDetail, Source, Usage, Workspace

CANARIES = {
    "AIDP_GITHUB_PRIVATE_KEY": "canary",
    "AIDP_WEBHOOK_SECRET": "canary",
    "TEMPORAL_API_KEY": "canary",
    "GITHUB_TOKEN": "canary",
    "GH_TOKEN": "canary",
    "APP_PRIVATE_KEY_PATH": "canary",
    "DATABASE_URL": "canary",
    "AWS_SECRET_ACCESS_KEY": "canary",
    "SSH_AUTH_SOCK": "canary",
}


class Host:
    """A host with a worktree, a prompt, and programs that pretend to be agents."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.directory = root / "workspace"
        self.bin = root / "bin"
        self.home = root / "operator"
        self.prompt = self.directory / "prompts/1.md"
        for folder in (self.directory / "tree", self.prompt.parent, self.bin, self.home):
            folder.mkdir(parents=True)
        self.prompt.write_text("--version\nFix it.\n")

    def install(self, name: str, script: str) -> None:
        """Put a Python program on the PATH."""
        program = self.bin / name
        program.write_text(f"#!{sys.executable} -IS\n{script}")
        program.chmod(0o755)

    def play(self, name: str, recording: str, exit_code: int = 0) -> None:
        """Put a program on the PATH that prints what a real CLI printed."""
        output = RECORDINGS / f"{recording}.out"
        self.install(name, f"import sys\nprint(open({str(output)!r}).read())\nsys.exit({exit_code})")

    def settings(self, command: str = "", extra: Mapping[str, str] | None = None) -> AgentSettings:
        """Give the operator's settings, with the whole environment of a careless worker."""
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(self.home), **CANARIES, **(extra or {})}
        return AgentSettings(command, ("PIP_INDEX_URL", "GITHUB_TOKEN"), environment)

    def task(self, provider: str, *, model: str = "", wall: int = 20, idle: int = 20) -> AgentTask:
        """Ask for one run."""
        workspace = Workspace("loop", Source(), "queue", str(self.directory), "aidp/1", "main", "a", "a")
        return AgentTask(workspace, 3, str(self.prompt), provider, model, wall, idle)

    async def run(self, task: AgentTask, settings: AgentSettings | None = None) -> AgentResult:
        """Run the activity."""
        return await ActivityEnvironment().run(AgentActivities(settings or self.settings()).run_agent, task)

    def leftovers(self) -> list[str]:
        """List what lies in the workspace beside what belongs there."""
        return sorted({file.name for file in self.directory.iterdir()} - {"tree", "prompts", "logs", "answers"})


def alive(pid: str) -> bool:
    """Tell whether a process is there and no mere zombie."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Make a host of its own for each story."""
    return Host(tmp_path)


async def test_a_good_run_comes_back_with_claim_usage_and_log(host: Host) -> None:
    """What the agent said, claimed and used is returned; all it printed is in the log of the iteration."""
    host.play("codex", "codex/cx")
    result = await host.run(host.task("codex"))
    assert result.claim is Claim.COMPLETE
    assert result.message == "All done."
    assert result.usage == Usage(200, 40)
    assert "turn.completed" in (host.directory / "logs/iteration-3-agent-codex.log").read_text()
    assert host.leftovers() == []


async def test_the_prompt_is_input_and_never_an_option(host: Host) -> None:
    """A prompt that reads like an option reaches the agent as text, in the worktree."""
    host.install("agent", "import os, sys\nprint(sys.argv[1:], os.getcwd(), sys.stdin.read())")
    result = await host.run(host.task("command"), host.settings("agent --fast"))
    assert result.message == f"['--fast'] {host.directory / 'tree'} --version\nFix it."


async def test_a_command_line_can_name_the_prompt_file(host: Host) -> None:
    """`{prompt}` becomes the path, and stdin stays empty."""
    host.install("agent", "import sys\nprint(sys.argv[1:], repr(sys.stdin.read()))")
    result = await host.run(host.task("command"), host.settings("agent --task={prompt} 'a b'"))
    assert result.message == f"['--task={host.prompt}', 'a b'] ''"


async def test_an_agent_sees_only_what_is_allowed(host: Host) -> None:
    """Nothing of the server, of Temporal or GitHub gets through, not even if the operator names it."""
    host.install("claude", "import json, os\nopen('env.json', 'w').write(json.dumps(dict(os.environ)))")
    extra = {"ANTHROPIC_API_KEY": "key", "OPENAI_API_KEY": "other", "PIP_INDEX_URL": "http://mirror"}
    with pytest.raises(ApplicationError):
        await host.run(host.task("claude"), host.settings(extra=extra))
    seen: dict[str, str] = json.loads((host.directory / "tree/env.json").read_text())
    assert "canary" not in seen.values()
    assert (seen["ANTHROPIC_API_KEY"], seen["PIP_INDEX_URL"]) == ("key", "http://mirror")
    assert "OPENAI_API_KEY" not in seen
    assert seen["HOME"].startswith(str(host.directory / "home-"))
    assert seen["GIT_TERMINAL_PROMPT"] == "0"
    assert seen["CLAUDE_CODE_MAX_RETRIES"] == "0"


async def test_a_login_is_shared_and_its_renewal_kept(host: Host) -> None:
    """The CLI finds the operator's login in its own HOME; a renewed one is there for the next run, whatever way."""
    login = host.home / ".codex/auth.json"
    login.parent.mkdir()
    login.write_text("old")
    (host.home / ".bash_history").write_text("secret")
    host.install(
        "codex",
        "import os\nfrom pathlib import Path\nhome = Path.home()\nlogin = home / '.codex/auth.json'\n"
        "Path('seen').write_text(login.read_text() + str(sorted(os.listdir(home))))\n"
        "new = home / 'new'\nnew.write_text('renewed')\nnew.replace(login)\n",
    )
    with pytest.raises(ApplicationError):
        await host.run(host.task("codex"))
    assert (host.directory / "tree/seen").read_text() == "old['.codex']"
    assert login.read_text() == "renewed"
    assert host.leftovers() == []


async def test_a_denied_tool_is_a_failure_although_the_cli_says_success(host: Host) -> None:
    """The error has the type of the failure, names the provider and the bill, and is not tried again by Temporal."""
    host.play("claude", "claude/cnoperm")
    with pytest.raises(ApplicationError, match="denied Write") as caught:
        await host.run(host.task("claude"))
    assert caught.value.type == Failure.PERMANENT
    assert caught.value.non_retryable
    [detail] = caught.value.details
    assert replace(detail, seconds=0) == FailureDetail("claude", usage=Usage(200, 40, 0.0016), model="claude-opus-5-5")
    assert detail.seconds > 0


async def test_the_reset_of_a_limit_travels_with_the_failure(host: Host) -> None:
    """The workflow learns how long to leave the provider alone."""
    host.play("opencode", "opencode/oc429", 1)
    with pytest.raises(ApplicationError) as caught:
        await host.run(host.task("opencode"))
    assert caught.value.type == Failure.RATE_LIMITED
    [detail] = caught.value.details
    assert replace(detail, seconds=0) == FailureDetail("opencode", 1.0)


async def test_a_silent_agent_is_stopped(host: Host) -> None:
    """An agent that hangs in the middle of its answer is a time-out, and takes its children with it."""
    host.install(
        "codex",
        "import os, signal, subprocess, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-IS', '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid))\nprint('{', flush=True)\ntime.sleep(60)",
    )
    with pytest.raises(ApplicationError, match="printed nothing for too long") as caught:
        await host.run(host.task("codex", idle=1))
    assert caught.value.type == Failure.TIMEOUT
    assert not alive((host.directory / "tree/child").read_text())


async def test_a_cancelled_run_leaves_nothing_behind(host: Host) -> None:
    """When the workflow gives up on a run, its process is gone and so is its HOME."""
    host.install("codex", "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)")
    pid = host.directory / "tree/pid"
    worker = ActivityEnvironment()
    run = asyncio.create_task(worker.run(AgentActivities(host.settings()).run_agent, host.task("codex")))
    with anyio.fail_after(5):
        while not (pid.exists() and pid.read_text()):
            await anyio.sleep(0.01)
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert not alive(pid.read_text())
    assert host.leftovers() == []


@pytest.mark.parametrize(
    ("provider", "model", "words"),
    [
        ("clawed", "", "no agent provider “clawed”. Known are claude, codex"),
        ("aider", "", "`aider` was not found on this host; to install it: uv tool install aider-chat"),
        ("codex", "--full-auto", "“--full-auto” is no name of a model"),
        ("command", "", "AIDP_AGENT_COMMAND"),
    ],
)
async def test_what_cannot_run_says_what_to_do(host: Host, provider: str, model: str, words: str) -> None:
    """A provider that does not exist, is not installed or gets a strange model is a matter of configuration."""
    host.play("codex", "codex/cx")
    nowhere = AgentSettings(environment={"PATH": str(host.bin)})
    with pytest.raises(ApplicationError) as caught:
        await host.run(host.task(provider, model=model), nowhere)
    assert caught.value.type == Failure.CONFIGURATION
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (1, Failure.PERMANENT),
        (64, Failure.CONFIGURATION),
        (69, Failure.TRANSIENT),
        (75, Failure.RATE_LIMITED),
        (77, Failure.AUTH_EXPIRED),
        (78, Failure.CONFIGURATION),
    ],
)
async def test_a_command_tells_its_failure_by_its_exit_status(host: Host, code: int, failure: Failure) -> None:
    """The numbers of `sysexits.h` are understood, and the last line of stderr is passed on."""
    host.install("agent", f"import sys\nprint('no, because', file=sys.stderr)\nsys.exit({code})")
    with pytest.raises(ApplicationError, match="no, because") as caught:
        await host.run(host.task("command"), host.settings("agent"))
    assert caught.value.type == failure


@pytest.mark.parametrize(
    ("line", "usage", "message"),
    [
        ('AIDP-USAGE: {"input_tokens": 7, "output_tokens": 2, "cost_usd": 0.5}', Usage(7, 2, 0.5), "Hello."),
        ('AIDP-USAGE: {"cost_usd": 1}', Usage(cost_usd=1), "Hello."),
        ("AIDP-USAGE: many", Usage(), "Hello."),
        ("STATUS: BLOCKED", Usage(), "Hello."),
    ],
)
async def test_a_command_may_tell_its_usage(host: Host, line: str, usage: Usage, message: str) -> None:
    """A last line with the usage is read and taken off; what is missing in it is not known."""
    host.install("agent", f"print('Hello.')\nprint({line!r})")
    result = await host.run(host.task("command"), host.settings("agent"))
    assert (result.usage, result.message) == (usage, message)


@pytest.mark.parametrize(
    ("told", "chosen", "model"), [("opus-5", "", "opus-5"), ("opus-5", "opus", "opus-5"), ("", "opus", "opus")]
)
async def test_the_model_that_was_used_is_told(host: Host, told: str, chosen: str, model: str) -> None:
    """What the agent says counts, and only without that what was asked for; whether the run went well or not."""
    line = f"print('AIDP-USAGE: {json.dumps({'model': told})}')"
    host.install("agent", line)
    assert (await host.run(host.task("command", model=chosen), host.settings("agent"))).model == model
    host.install("agent", f"import sys\n{line}\nsys.exit(1)")
    with pytest.raises(ApplicationError) as caught:
        await host.run(host.task("command", model=chosen), host.settings("agent"))
    assert caught.value.details[0].model == model


async def test_the_name_of_a_model_is_a_short_line(host: Host) -> None:
    """It is shown to people, and travels in histories."""
    host.install("agent", "import json\nprint('AIDP-USAGE:', json.dumps({'model': 'two' + chr(10) + 'x' * 500}))")
    model = (await host.run(host.task("command"), host.settings("agent"))).model
    assert (model[:5], len(model)) == ("two x", 100)


@pytest.mark.parametrize("half", [b"\\ud83d", b"\\uDE80", b"\xed\xa0\xbd"], ids=["first", "second", "raw"])
async def test_half_a_character_does_not_get_in(host: Host, half: bytes) -> None:
    """An agent cut an emoji in two: what JSON lets pass, neither Temporal nor GitHub could take. Whole ones stay."""
    text = b"Done " + half + b" \\ud83d\\ude80 \xc3\xbc"
    said = b'{"type": "x", "item": {"type": "agent_message", "text": "' + text + b'"}}\n{"type": "turn.completed"}'
    host.install("codex", f"import sys\nsys.stdout.buffer.write({said!r})")
    message = (await host.run(host.task("codex"))).message
    assert message.encode().decode().replace("?", "") == "Done  \U0001f680 \xfc"


async def test_half_a_character_in_an_error_does_not_get_in(host: Host) -> None:
    """The words of a failure reach Temporal as well."""
    host.install("codex", r"""print('{"type":"turn.failed","error":{"message":"No \\ud83d way"}}')""")
    with pytest.raises(ApplicationError, match=r"No \? way") as failed:
        await host.run(host.task("codex"))
    assert failed.value.message.encode()


async def test_a_long_answer_is_cut_to_its_end(host: Host) -> None:
    """At most 2,000 characters travel through the history: the last ones; the claim is read from all of it."""
    host.install("agent", "print('x' * 5000)\nprint('STATUS: COMPLETE')")
    result = await host.run(host.task("command"), host.settings("agent"))
    assert (len(result.message), result.claim) == (2000, Claim.COMPLETE)


async def test_the_whole_answer_is_kept_beside_the_worktree(host: Host) -> None:
    """What does not fit a history is a file on the host, bounded too, and never written through a link."""
    (host.directory / "answers").mkdir()
    (host.directory / "precious").write_text("mine")
    (host.directory / "answers" / "iteration-3-command.md").symlink_to(host.directory / "precious")
    host.install("talker", "print('ä' * 3_000)\nprint('STATUS: COMPLETE')")
    result = await host.run(host.task("command"), host.settings("talker"))
    assert len(result.message) == 2_000
    assert Path(result.answer) == host.directory / "answers" / "iteration-3-command.md"
    assert Path(result.answer).read_text() == "ä" * 3_000 + "\nSTATUS: COMPLETE"
    assert (host.directory / "precious").read_text() == "mine"
    host.install("talker", "print('ä' * 300_000)")
    result = await host.run(host.task("command"), host.settings("talker"))
    assert Path(result.answer).stat().st_size == 200_000


async def test_an_agent_learns_that_it_shall_only_look(host: Host) -> None:
    """A command line of the operator's own is told by its environment, in a read-only run and in no other."""
    host.install("looker", "import os\nprint(os.environ.get('AIDP_READ_ONLY', 'no'))")
    task = host.task("command")
    told = [await host.run(replace(task, read_only=only), host.settings("looker")) for only in (False, True)]
    assert [result.message for result in told] == ["no", "1"]


async def test_every_run_keeps_its_log(host: Host) -> None:
    """Neither the next attempt nor a question that happens to have the number destroys it; people find all in order."""
    task, settings = host.task("command"), host.settings("agent")
    host.install("agent", "import sys\nprint('one')\nsys.exit('no, because')")
    with pytest.raises(ApplicationError, match=r"no, because. The log of the run has the rest"):
        await host.run(task, settings)
    for word, read_only in (("two", False), ("three", False), ("why", True), ("why not", True)):
        host.install("agent", f"print({word!r})")
        await host.run(replace(task, read_only=read_only), settings)
    assert [(file.what, file.path.read_text()) for file in Logs(host.directory).files(3)] == [
        ("agent-command", "one\nno, because\n"),
        ("agent-command-2", "two\n"),
        ("agent-command-3", "three\n"),
        ("question-agent-command", "why\n"),
        ("question-agent-command-2", "why not\n"),
    ]


async def test_a_log_is_never_written_through_a_link(host: Host) -> None:
    """Agents can reach the folder of the logs; a link that one left there is a name that is taken."""
    (host.directory / "logs").mkdir()
    (host.directory / "logs/iteration-3-agent-command.log").symlink_to(host.directory / "elsewhere")
    host.install("agent", "print('here')")
    await host.run(host.task("command"), host.settings("agent"))
    assert (host.directory / "logs/iteration-3-agent-command-2.log").read_text() == "here\n"
    assert not (host.directory / "elsewhere").exists()


async def test_a_question_leaves_the_answer_of_an_iteration_alone(host: Host) -> None:
    """They are counted apart, and so they are named apart."""
    host.install("agent", "print('done')")
    task = host.task("command")
    answers = [await host.run(replace(task, read_only=only), host.settings("agent")) for only in (False, True)]
    assert len({result.answer for result in answers}) == len(answers)
