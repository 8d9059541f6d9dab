"""The table that people read, and what is wrong below it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from judging import Verdict, Violation
from rich.console import Console
from rich.table import Table


def show(verdict: Verdict, violations: list[Violation], screen: Console) -> None:
    """Print what was looked at, and each violation once."""
    screen.print(_table(verdict, violations))
    for violation, count in sorted(Counter(violations).items(), key=lambda it: _where(it[0])):
        screen.print(f"{_where(violation)}: {violation.says} (in {count})", soft_wrap=True, markup=False)
        if violation.example:
            screen.print(f"    {violation.example}", soft_wrap=True, markup=False)
    screen.print(_sentence(verdict, violations))


def _where(violation: Violation) -> str:
    return f"{violation.side} {violation.operation} {violation.path}"


def _table(verdict: Verdict, violations: Iterable[Violation]) -> Table:
    table = Table()
    for heading in ("operation or webhook", "our requests", "answers", "violations"):
        table.add_column(heading, justify="left" if heading.startswith("operation") else "right")
    wrong = _by_operation(violations)
    for name, answers in sorted(verdict.answers.items()):
        table.add_row(name, _number(verdict.requests[name]), _number(answers), _number(wrong.get(name, 0)))
    table.add_section()
    for name, count in sorted(verdict.webhooks.items()):
        table.add_row(f"webhook {name}", "", _number(count), _number(wrong.get(name, 0)))
    return table


def _by_operation(violations: Iterable[Violation]) -> Mapping[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for violation in set(violations):
        found[violation.operation.partition(" ")[0]] += 1
    return found


def _number(count: int) -> str:
    return str(count) if count else "-"


def _sentence(verdict: Verdict, violations: list[Violation]) -> str:
    seen = (
        f"{len(verdict.answers)} operations, {verdict.requests.total()} of our requests, "
        f"{verdict.answers.total()} answers, {len(verdict.webhooks)} kinds of webhook, one of each shape"
    )
    return f"{seen}: {len(set(violations)) or 'no'} violations."
