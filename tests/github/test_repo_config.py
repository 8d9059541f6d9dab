"""`.aidp/aidp.yml`: what is right works, what is wrong is named with its line, and nothing else can happen."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import cast

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from activities.repo_config import MAX_BYTES, Known, RepoConfigError, parse
from workflows.model import Budget, Category, CheckCommand, Guards, Labels, Limits, Phase, RepoConfig

KNOWN = Known(providers=("claude", "codex"))
EXAMPLE = Path(__file__).parents[2].joinpath("docs", "aidp.yml").read_text()
COMPLETE = """\
commands:
  - name: unit tests
    command: python3 -m pytest
    category: test
    timeout_seconds: 120
  - name: docs
    command: make docs
    category: docs
    phase: full_loop
    required: false
providers: [codex/gpt-5.2, claude]
max_iterations: 7
branch_prefix: robots/
labels:
  build: aidp-make
budget:
  run: {minutes: 30, usd: 2.5}
  day: {tokens: 5000000}
guards:
  exclude: ["migrations/**"]
  max_changed_lines: 500
"""


def problems(text: str) -> list[str]:
    """Parse what must be refused."""
    with pytest.raises(RepoConfigError) as refused:
        parse(text, KNOWN)
    return list(refused.value.problems)


def test_a_complete_file_is_read_as_written() -> None:
    """Every key arrives in its field, with the types the work loop uses."""
    assert parse(COMPLETE, KNOWN) == RepoConfig(
        commands=(
            CheckCommand("unit tests", "python3 -m pytest", Category.TEST, timeout_seconds=120),
            CheckCommand("docs", "make docs", Category.DOCS, Phase.FULL_LOOP, required=False),
        ),
        providers=("codex/gpt-5.2", "claude"),
        max_iterations=7,
        branch_prefix="robots/",
        labels=Labels(build="aidp-make"),
        budget=Budget(run=Limits(minutes=30, usd=2.5), day=Limits(tokens=5_000_000)),
        guards=Guards(exclude=("migrations/**",), max_changed_lines=500),
    )


def test_the_example_is_complete_and_shows_the_defaults() -> None:
    """Whoever reads `docs/aidp.yml` knows every key and what happens without it."""
    assert parse(EXAMPLE, Known(())) == RepoConfig()
    assert keys_of(yaml.safe_load(EXAMPLE)) == keys_of(asdict(RepoConfig()))


def keys_of(group: Mapping[str, object], above: str = "") -> list[str]:
    """List all keys in their order, those of groups with their path."""
    found: list[str] = []
    for key, value in group.items():
        inner = keys_of(cast("Mapping[str, object]", value), f"{above}{key}.") if isinstance(value, dict) else []
        found += [f"{above}{key}", *inner]
    return found


def test_the_example_shows_a_command_as_it_is_written() -> None:
    """The command in its comments has every key a command can have, each with its default."""
    commented = EXAMPLE.replace("\n#  ", "\n  ").replace("\n#    ", "\n    ")
    [command] = list(parse(commented, Known(())).commands or ())
    assert command == CheckCommand("tests", "pytest -q", Category.TEST)
    [shown] = yaml.safe_load(commented)["commands"]
    assert list(shown) == [field.name for field in fields(CheckCommand)]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "commands:\n  # - name: unit\nlabels:\n"])
def test_what_is_not_set_has_its_default(text: str) -> None:
    """An empty file, or keys whose values are commented out, mean the defaults and the operator's agents."""
    assert parse(text, KNOWN) == RepoConfig(providers=("claude", "codex"))


def test_an_operator_with_another_prefix_keeps_the_usual_labels() -> None:
    """Only labels that the file chooses have to begin with the operator's prefix."""
    assert parse("", Known(("claude",), label_prefix="bot-")).labels == Labels()


def test_no_commands_on_purpose_differs_from_none_configured() -> None:
    """An empty list says that there is nothing to run; it is not a request to detect."""
    assert parse("commands: []", KNOWN).commands == ()


def test_every_wrong_type_is_named_with_its_line() -> None:
    """One reading tells all mistakes, in the order of the file."""
    text = """\
max_iterations: ten
commands:
  - name: 3
    command: make test
    category: tset
    timeout_seconds: 1.5
    requird: no
  - name: lint
    required: yes
providers: claude
labels: [aidp-build]
budget:
  run: {usd: lots}
  runs: {usd: 1}
"""
    assert problems(text) == snapshot(
        [
            'line 1: `max_iterations` must be a whole number, not "ten"',
            "line 3: `commands[0].name` must be text, not 3; put it in quotes",
            'line 5: `commands[0].category` must be one of test, lint, format, build, docs or other, not "tset"',
            "line 6: `commands[0].timeout_seconds` must be a whole number, not 1.5",
            "line 7: `commands[0].requird` is not a known key; did you mean `required`?",
            "line 8: `commands[1].command` is missing",
            'line 9: `commands[1].required` must be `true` or `false`, not "yes"',
            'line 10: `providers` must be a list, not "claude"',
            'line 11: `labels` must be a group of keys, not ["aidp-build"]',
            'line 13: `budget.run.usd` must be a number, not "lots"',
            "line 14: `budget.runs` is not a known key; did you mean `run`?",
        ]
    )


def test_values_that_can_not_work_are_named_with_their_line() -> None:
    """What has the right type is still held to what the operator and GitHub allow."""
    text = """\
max_iterations: 0
branch_prefix: ../main
providers: [claude, claud, claude, claude/--help]
labels:
  build: build-it
  working: aidp-needs-input
commands:
  - {name: unit, command: make test, timeout_seconds: 99999}
  - {name: unit, command: " "}
budget:
  issue: {usd: -0.5}
guards:
  include: [../secrets, /etc]
  max_file_bytes: 0
plan: {remind_hours: 0, close_hours: 9999}
review:
  perspectives: []
  max_chunks: 99
ci: {attempts: 11, settle_seconds: -1}
pull_request: {verify_rounds: -1, auto_attempts: 99, change_rounds: 11}
project: {max_units: 21, concurrency: 0}
"""
    assert problems(text) == snapshot(
        [
            "line 1: `max_iterations` must be between 1 and 100, not 0",
            "line 2: `branch_prefix` must be letters and digits, each run followed by `/`, `-` or `_`, like `aidp/`",
            'line 3: `providers[2]` must be unique; "claude" is there already',
            'line 3: `providers[1]` must be one of `claude`, `codex`, not "claud"',
            'line 3: `providers[3]` must name a model after the `/`, not "--help"',
            "line 4: `labels.needs_input` is the same label as `working`",
            "line 5: `labels.build` must begin with `aidp-` and have at most 50 characters",
            "line 8: `commands[0].timeout_seconds` must be between 1 and 14400, not 99999",
            'line 9: `commands[1].name` must be unique; "unit" is there already',
            "line 9: `commands[1].command` must be a shell command",
            "line 11: `budget.issue.usd` must be more than 0, not -0.5",
            'line 13: `guards.include[0]` must be a path in the repository, like `src/**`, not "../secrets"',
            'line 13: `guards.include[1]` must be a path in the repository, like `src/**`, not "/etc"',
            "line 14: `guards.max_file_bytes` must be more than 0, not 0",
            "line 15: `plan.remind_hours` must be between 1 and 8760, not 0.0",
            "line 15: `plan.close_hours` must be between 1 and 8760, not 9999.0",
            "line 17: `review.perspectives` must have 1 to 6 entries, not 0",
            "line 18: `review.max_chunks` must be between 1 and 50, not 99",
            "line 19: `ci.attempts` must be between 0 and 10, not 11",
            "line 19: `ci.settle_seconds` must be between 0 and 3600, not -1.0",
            "… and 5 more",
        ]
    )


def test_perspectives_are_a_few_short_names() -> None:
    """Each of them is a run of an agent over the whole diff, and stands in the review's text."""
    assert problems(f'review: {{perspectives: [a, a, "", "{"x" * 61}", c, d, e]}}') == snapshot(
        [
            "line 1: `review.perspectives` must have 1 to 6 entries, not 7",
            'line 1: `review.perspectives[1]` must be unique; "a" is there already',
            "line 1: `review.perspectives[2]` must be one line of at most 60 characters",
            "line 1: `review.perspectives[3]` must be one line of at most 60 characters",
        ]
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("providers: [claude", "line 1: this is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("commands:\n\t- name: x", "line 2: this is not YAML: found character '\\t' that cannot start any token"),
        ("max_iterations: 1\nmax_iterations: 2", "line 2: `max_iterations` is here twice; the first is on line 1"),
        ("providers: &all [claude]\nlabels: *all", "line 1: anchors and aliases (`&`, `*`) are not allowed"),
        ("a: 1\n---\nb: 2", "line 2: a second document begins here"),
        ("[" * 40_000, "line 1: this is nested too deeply"),
        ("? [a, b]\n: c", "line 1: a key must be a word"),
        ("- claude", 'line 1: the file must be a group of keys, not ["claude"]'),
        ("on: push", "line 1: `on` is not a known key; known are `commands`, `providers`, `max_iterations`"),
        ('branch_prefix: "\\ud800/"', "line 1: an escape in it is not a character"),
        ("#" * (MAX_BYTES + 1), "the file is larger than 64 KB"),
    ],
)
def test_what_is_not_our_yaml_is_refused_in_one_sentence(text: str, problem: str) -> None:
    """Broken, ambiguous or explosive YAML is refused before anything is built from it."""
    assert problems(text)[0].startswith(problem)


def test_many_mistakes_stay_readable() -> None:
    """A file of another kind does not fill the screen."""
    found = problems("\n".join(f"key{number}: {number}" for number in range(100)))
    assert len(found) == 21
    assert found[-1] == "… and 80 more"


def test_a_key_can_not_break_out_of_its_quotes() -> None:
    """A strange key is shown as text: it ends no code span, and is cut."""
    [found] = problems("'`@everyone` " + "x" * 200 + "': 1")
    assert found.startswith("line 1: `'@everyone' xxx")
    assert found.count("x") < 80


LINES = st.lists(
    st.one_of(
        st.sampled_from(COMPLETE.splitlines()),
        st.builds(
            "{}: {}".format, st.sampled_from(["commands", "labels", "providers", "on", "<<"]), st.text(max_size=9)
        ),
        st.text(max_size=30),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(LINES.map("\n".join) | st.text())
@example('a: "\\UFFFFFFFF"')
@example("%YAML 99999999999.1\n---\na")
@example("!!python/object/apply:os.system [echo]")
@example("budget: {run: {x: 1}, y: 2}")
@example("commands: {name: x}")
@example("guards: {include: {a: b}, max_changed_lines: 1.5}")
@example("labels: {build: !!binary x, working: 2026-99-99}")
def test_parsing_is_total(text: str) -> None:
    """Whatever the file says, the answer is a configuration or a list of problems."""
    try:
        assert isinstance(parse(text, KNOWN), RepoConfig)
    except RepoConfigError as refused:
        assert refused.problems  # noqa: PT017 - both endings are fine
