"""Secrets in added text: few kinds, each with a shape that nothing else has. What is found is told, never shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

AWS_SECRET = rb"[\"']?\s{0,9}[=:,>]{1,2}\s{0,9}[\"']?[A-Za-z0-9/+]{40}(?![\w/+=])"
PEM = (  # the first line alone is something that programs write
    rb"-----BEGIN (?:[A-Z0-9]{1,9} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    rb"(?:\s|\\[nr]|[\"'+,]){1,40}+(?:[A-Z][A-Za-z-]{2,20}: [^\\\n]{0,80}(?:\s|\\[nr]){1,40}+){0,3}"
    rb"[A-Za-z0-9/+]{60}"
)
PEM_IN_BASE64 = rb"LS0tLS1CRUdJTi[A-Za-z0-9/+]{1,24}?(?:UFJJVkFURSBLRVkt|QUklWQVRFIEtFWS|BSSVZBVEUgS0VZL)"
TOKENS: tuple[tuple[str, bytes], ...] = (  # each begins with plain letters: those are found very quickly
    ("AWS key id", rb"AKIA(?<![A-Z0-9]AKIA)[A-Z2-7]{16}(?![A-Z0-9])"),
    ("AWS key id", rb"ASIA(?<![A-Z0-9]ASIA)[A-Z2-7]{16}(?![A-Z0-9])"),
    ("AWS secret key", rb"ecret_?[Aa]ccess_?[Kk]ey" + AWS_SECRET),
    ("AWS secret key", rb"ECRET_?ACCESS_?KEY" + AWS_SECRET),
    ("Anthropic key", rb"sk-ant-[a-z]{3,5}[0-9]{2}-[\w-]{80}"),
    ("GitHub token", rb"gh[opusr]_[A-Za-z0-9]{36}"),
    ("GitHub token", rb"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("GitLab token", rb"glpat-[\w-]{20}"),
    ("Google key", rb"AIza[\w-]{35}"),
    ("JSON Web Token", rb"eyJ(?<![\w-]eyJ)[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{20}"),
    ("OpenAI key", rb"sk-(?<![\w-]sk-)[\w-]{20,200}T3BlbkFJ[\w-]{20}"),
    ("OpenRouter key", rb"sk-or-v1-[0-9a-f]{64}"),
    ("PyPI token", rb"pypi-AgEIcHlwaS5vcmc[\w-]{50}"),
    ("Slack token", rb"xox[abeoprs]-[0-9A-Za-z-]{20}"),
    ("Slack token", rb"xapp-[0-9]-[0-9A-Za-z-]{20}"),
    ("Slack webhook", rb"hooks\.slack\.com/services/T\w{8,12}/B\w{8,12}/\w{24}"),
    ("Stripe key", rb"sk_live_[0-9A-Za-z]{20}"),
    ("Stripe key", rb"rk_live_[0-9A-Za-z]{20}"),
    ("npm token", rb"npm_[A-Za-z0-9]{36}(?!\w)"),
    ("private key", PEM),
    ("private key in base64", PEM_IN_BASE64),
)
PATTERNS = tuple((kind, re.compile(token)) for kind, token in TOKENS)
EXAMPLE = re.compile(rb"example", re.IGNORECASE)
MAX_FINDINGS = 5
TAIL = 16
FEW = 5
"""Random text as long as the tail has more different letters than this; `xxxxxxxxxxxxxxxx` has not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A line that holds a secret."""

    kind: str
    line: int
    """Where it begins."""
    text: bytes = field(repr=False)
    """The whole line in which it ends, to compare with what was there before."""

    def __str__(self) -> str:
        """Tell it without showing it."""
        return f"{self.kind}, line {self.line}"


def find_secrets(content: bytes) -> list[Finding]:
    """Find the lines with secrets, at most one secret of a shape in each."""
    found = [finding for kind, pattern in PATTERNS for finding in _findings(kind, pattern, content)]
    return sorted(found, key=lambda finding: finding.line)


def added(findings: list[Finding], before: bytes) -> tuple[str, ...]:
    """Tell those findings whose line was not in the file before."""
    known = frozenset(before.split(b"\n"))
    return tuple(str(finding) for finding in findings if finding.text not in known)[:MAX_FINDINGS]


def _findings(kind: str, pattern: re.Pattern[bytes], content: bytes) -> Iterator[Finding]:
    at = end = 0
    line = 1
    for found in pattern.finditer(content):
        if found.end() <= end or _is_example(found[0]):
            continue
        line += content.count(b"\n", at, found.start())
        at = found.start()
        start = content.rfind(b"\n", 0, found.end()) + 1  # a key of several lines is told apart by its last
        stop = content.find(b"\n", found.end())
        end = stop if stop >= 0 else len(content)
        yield Finding(kind, line, content[start:end])


def _is_example(token: bytes) -> bool:
    """Whether somebody only shows the shape of a secret."""
    tail = token[-TAIL:]
    return len(frozenset(tail)) <= FEW or EXAMPLE.search(tail) is not None
