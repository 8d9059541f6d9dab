"""What the checks of a commit come to together: pure, from GitHub's own words."""

import re
from collections.abc import Sequence

from workflows.model import CiCheck, CiLog, CiVerdict

GOOD = frozenset({"success", "neutral", "skipped"})
WAITING = frozenset({"action_required"})
INTERRUPTED = frozenset({"cancelled", "stale", "startup_failure", "timed_out"})
"""Conclusions that say nothing about the code: another run may well pass."""
ACCIDENT = re.compile(
    r"""
    \b(?: ECONNRESET | ECONNABORTED | ETIMEDOUT | EAI_AGAIN | ENOTFOUND | ENOSPC )\b
    | connection\ (?: reset | timed\ out ) | network\ is\ unreachable
    | (?: temporary\ failure | could\ not\ resolve ) [ ] (?: in\ name\ resolution | host )
    | TLS\ handshake\ timeout | unexpected\ disconnect | socket\ hang\ up | i/o\ timeout | early\ EOF
    | (?: HTTP | status | code | error | response ) [\w\s/.:=]{0,20} \b(?: 429 | 502 | 503 | 504 )\b
    | \b(?: 429\ too\ many\ requests | 502\ bad\ gateway | 503\ service\ unavailable | 504\ gateway\ time-?out )\b
    | no\ space\ left\ on\ device | cannot\ allocate\ memory
    | (?: lost\ communication\ with\ the\ server | runner\ has\ received\ a\ shutdown\ signal | runner\ was\ lost )
    | (?: the\ operation\ was\ canceled | exceeded\ the\ maximum\ execution\ time )
    | \b(?: known\ flak[ye] | is\ flaky | flaky\ test )\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def verdict(checks: Sequence[CiCheck]) -> CiVerdict:
    """Judge by the checks a merge waits for; while one of them runs, what others say is not the whole truth."""
    if not checks:
        return CiVerdict.NONE
    conclusions = {check.conclusion for check in counted(checks)}
    if "" in conclusions:
        return CiVerdict.PENDING
    if conclusions - GOOD - WAITING:
        return CiVerdict.RED
    return CiVerdict.STUCK if conclusions & WAITING else CiVerdict.GREEN


def begun(checks: Sequence[CiCheck]) -> tuple[CiCheck, ...]:
    """Leave out what was never heard of: some CI looks at no drafts, and would be waited for without an end."""
    return tuple(check for check in checks if check.begun)


def counted(checks: Sequence[CiCheck]) -> tuple[CiCheck, ...]:
    """Select the checks that a merge waits for; all, where none is required."""
    return tuple(check for check in checks if check.required) or tuple(checks)


def failed(checks: Sequence[CiCheck]) -> tuple[CiCheck, ...]:
    """Select the counted checks that ended badly."""
    return tuple(check for check in counted(checks) if is_red(check))


def is_red(check: CiCheck) -> bool:
    """Whether a check ended badly."""
    return is_bad(check.conclusion)


def is_bad(conclusion: str) -> bool:
    """Whether this says that a check ended badly; a conclusion that GitHub adds one day does."""
    return bool(conclusion) and conclusion not in GOOD | WAITING


def accidental(checks: Sequence[CiCheck], logs: Sequence[CiLog]) -> bool:
    """Whether nothing of what failed seems to be the code's fault, so that running it again is worth a try."""
    told = {log.name: log.text for log in logs}
    bad = failed(checks)
    return bool(bad) and all(
        check.conclusion in INTERRUPTED or ACCIDENT.search(told.get(check.name, check.summary)) for check in bad
    )
