"""Reads the agent's own claim: the last `STATUS: COMPLETE | CONTINUE | BLOCKED` line of its answer."""

import re

from workflows.model import Claim

DECORATION = r"[\s>#*_`~\-]*"
STATUS = re.compile(
    rf"""{DECORATION} status {DECORATION} : {DECORATION}
    (?: (?P<done>complete) {DECORATION} \.? {DECORATION} $      # "complete, except for …" is no claim
      | (?P<open>continue|blocked) \b (?! \s*[|/] ) )           # a reason may follow, but not the other choices
    """,
    re.IGNORECASE | re.VERBOSE,
)


def claim_of(text: str) -> Claim:
    """Return the last claim in the text; an agent that makes none has more to do."""
    for line in reversed(text.splitlines()):
        if found := STATUS.match(line):
            return Claim((found["done"] or found["open"]).lower())
    return Claim.CONTINUE


def without_claim(text: str) -> str:
    """Return what the agent said beside its claim, for people to read."""
    return "\n".join(line for line in text.splitlines() if not STATUS.match(line)).strip()
