"""Plans, prompts, logs and words: what can be told without a server."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.jobs.errors import InputError
from github_app.jobs.logs import Logs, Reader
from github_app.jobs.plan_file import read_plan
from github_app.jobs.projects import MAX_PROMPT_BYTES, Project, find_project, read_prompt, read_time
from github_app.jobs.starting import new_id
from github_app.jobs.tables import spent_text
from github_app.jobs.words import ago, lasted, plain
from workflows.branches import slug
from workflows.model import Spent


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (7500, "2 h 5 min"), (90000, "1 d 1 h")],
)
def test_times_read_well(seconds: float, text: str) -> None:
    """Two units at most."""
    assert lasted(seconds) == text
    assert ago(datetime.now(UTC) - timedelta(seconds=seconds)) == (f"{text} ago" if seconds >= 1 else "just now")


@given(st.text())
def test_no_text_steers_the_terminal(text: str) -> None:
    """Whatever an agent prints, no control character but line ends and tabs gets through, and no other is lost."""
    shown = plain(text)
    assert not any(
        (ord(character) < 32 and character not in "\n\t") or 127 <= ord(character) < 160 for character in shown
    )
    assert [c for c in text if c.isprintable()] == [c for c in shown if c.isprintable()]


@given(st.text(max_size=200))
def test_ids_can_be_typed(title: str) -> None:
    """Whatever a step is called, its id is made of what ids are made of, and is its own slug."""
    job_id = new_id(title)
    assert job_id.startswith("job-")
    assert slug(job_id) == job_id
    assert new_id(title) != job_id


def plan(directory: Path, text: str) -> Path:
    """Write a plan."""
    path = directory / "plan.yml"
    path.write_text(text)
    return path


def test_a_plan_is_read(tmp_path: Path) -> None:
    """Only slug and text are needed."""
    units = "[{slug: api, text: do it}, {slug: ui, title: UI, text: then, depends_on: [api]}]"
    text = f"concurrency: 2\nunits: {units}\n"
    read = read_plan(plan(tmp_path, text))
    assert (read.concurrency, read.project_dir, read.branch_prefix) == (2, ".", "aidp/")
    assert [(unit.title, unit.depends_on) for unit in (entry.unit() for entry in read.units)] == [
        ("api", ()),
        ("UI", ("api",)),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: the file must be a group of keys, not null"),
        ("units: [", "line 1: this is not YAML"),
        ("concurrency: 2\n", "line 1: `units` is missing"),
        ("units: []\nspeed: 3\n", "line 2: `speed` is not a known key"),
        ("units:\n  - slug: a\n    text: 7\n", "line 3: `units[0].text` must be text, not 7"),
        ("units:\n  - slug: a\n", "line 2: `units[0].text` is missing"),
        ("units: []\nconcurrency: two\n", 'line 2: `concurrency` must be a whole number, not "two"'),
    ],
)
def test_a_mistake_in_a_plan_has_a_line(tmp_path: Path, text: str, problem: str) -> None:
    """The file, the line, the key, and what belongs there."""
    with pytest.raises(InputError) as told:
        read_plan(plan(tmp_path, text))
    assert problem in str(told.value)
    assert str(tmp_path) in str(told.value)


def test_a_plan_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    """Missing, and not text."""
    with pytest.raises(InputError, match="No such file"):
        read_plan(tmp_path / "missing.yml")
    (tmp_path / "plan.yml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        read_plan(tmp_path / "plan.yml")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b" \n", "is empty"),
        (b"\xff", "is not UTF-8"),
        (b"a" * (MAX_PROMPT_BYTES + 1), "larger than 300 KB"),
    ],
)
def test_a_prompt_that_says_nothing_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    """Before anything starts."""
    (tmp_path / "prompt.md").write_bytes(data)
    with pytest.raises(InputError, match=problem):
        read_prompt(str(tmp_path / "prompt.md"))
    with pytest.raises(InputError, match="No such file"):
        read_prompt(str(tmp_path / "missing.md"))


async def test_only_a_repository_with_a_branch_can_be_worked_on(tmp_path: Path) -> None:
    """Each thing that is missing is told, with what to do about it."""
    with pytest.raises(InputError, match="is no directory"):
        await find_project(tmp_path / "missing")
    with pytest.raises(InputError, match="git init"):
        await find_project(tmp_path)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    with pytest.raises(InputError, match="has no commit yet"):
        await find_project(tmp_path)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/file").write_text("one\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message=Begin")
    assert await find_project(tmp_path / "deep") == Project(tmp_path, is_dirty=False)
    (tmp_path / "deep/file").write_text("two\n")
    assert (await find_project(tmp_path)).is_dirty
    git(tmp_path, "checkout", "--quiet", "--detach")
    with pytest.raises(InputError, match="no branch checked out"):
        await find_project(tmp_path)


def test_logs_are_read_in_whole_lines(tmp_path: Path) -> None:
    """While more may come, half a line waits; the newest iteration counts, its prompt first; links are no logs."""
    logs = Logs(tmp_path)
    assert logs.files() == []
    for name in ("prompts", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "logs/iteration-1-tests.log").write_text("old\n")
    agent = tmp_path / "logs/iteration-2-agent-command.log"
    agent.write_text("one\ntw")
    (tmp_path / "prompts/iteration-2.md").write_text("do it\n")
    (tmp_path / "logs/iteration-2-link.log").symlink_to("/etc/passwd")
    (tmp_path / "logs/iteration-2-tests.xml").write_text("<xml/>")

    reader = Reader(logs)
    assert [(file.what, text) for file, text in reader.news(over=False)] == [
        ("prompt", "do it\n"),
        ("agent-command", "one\n"),
    ]
    with agent.open("a") as file:
        file.write("o\nend")
    assert [text for _, text in reader.news(over=False)] == ["two\n"]
    assert [text for _, text in reader.news(over=True)] == ["end"]
    assert [file.what for file in logs.files(1)] == ["tests"]


def written(tmp_path: Path, name: str, text: str) -> Path:
    """Write a log anew."""
    path = tmp_path / "logs" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_the_end_of_an_iteration_is_not_lost(tmp_path: Path) -> None:
    """What was written after the last look is shown when the next iteration has begun, its half line too."""
    first = written(tmp_path, "iteration-1-agent-command.log", "one\n")
    written(tmp_path, "iteration-0-agent-command.log", "long ago\n")
    reader = Reader(Logs(tmp_path))
    assert [text for _, text in reader.news(over=False)] == ["one\n"]
    first.write_text("one\ntwo\nthe end")
    written(tmp_path, "iteration-2-agent-command.log", "three\n")
    assert [(file.iteration, text) for file, text in reader.news(over=False)] == [(1, "two\nthe end"), (2, "three\n")]


@pytest.mark.parametrize("anew", ["new\n", "quite another and longer text\n"])
def test_a_log_that_is_written_anew_is_read_anew(tmp_path: Path, anew: str) -> None:
    """Whether it is shorter now or longer, nothing of it is skipped, and an unchanged one is not repeated."""
    path = written(tmp_path, "iteration-1-agent-command.log", "the first attempt\n")
    reader = Reader(Logs(tmp_path))
    assert [text for _, text in reader.news(over=False)] == ["the first attempt\n"]
    assert list(reader.news(over=False)) == []
    path.write_text(anew)
    assert [text for _, text in reader.news(over=False)] == [anew]


def test_logs_are_followed_from_an_iteration_on(tmp_path: Path) -> None:
    """The one that is asked for, and all after it."""
    for number in (1, 2, 3):
        written(tmp_path, f"iteration-{number}-tests.log", f"{number}\n")
    assert [text for _, text in Reader(Logs(tmp_path), 2).news(over=True)] == ["2\n", "3\n"]


def test_what_was_spent_reads_well() -> None:
    """What is known, what is guessed, and what nobody told."""
    assert spent_text(Spent(iterations=1, seconds=90)) == "1 min of agents' work"
    full = Spent(2, 3700.0, 12_345, 1.5, uncounted_runs=1, assumed_runs=1)
    assert spent_text(full) == (
        "1 h 1 min of agents' work, 12,345 tokens, $1.50, partly estimated, 1 runs that did not tell all their tokens"
    )


def test_a_hold_is_read() -> None:
    """As people write times; what is none is told."""
    assert [read_time(text) for text in ("", "1h", "90m")] == [0, 3600, 5400]
    with pytest.raises(InputError, match=r"`soon` is no time\. Write it like 1h"):
        read_time("soon")


def git(directory: Path, *arguments: str) -> None:
    """Run git the way a person does."""
    subprocess.run(("git", *arguments), cwd=directory, check=True)
