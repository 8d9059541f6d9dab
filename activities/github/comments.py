"""What aidp writes to people on GitHub: every text is a template here, signed with a hidden marker.

Whatever a template prints is shown as plain text, unless a filter says how else.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote as percent_encoded

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from activities.github.markdown import (
    Markdown,
    block,
    cell,
    closed,
    closing_nothing,
    code,
    harmless,
    indented,
    marked,
    plain,
    quote,
)
from workflows.model import Actor, CheckResult, Note, PullRequestDraft

PULL_REQUEST_MARKER = re.compile(r"<!-- aidp:pull-request v1(?: issue=(\d{1,18}))? -->")
MAX_TITLE = 256
CENT = 0.01
LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")


def note(note: Note, marker: str) -> str:
    """Write a note: Markdown of our own, which may repeat what somebody said."""
    text = harmless(note.text)
    space = "\n\n" if text.startswith("- ") else " "  # a list begins in a line of its own
    greeting = mention(note.addressee) + space if note.addressee else ""
    return marked(greeting + text, marker)


def mention(actor: Actor) -> str:
    """Name somebody so that GitHub notifies them; what is no login notifies nobody."""
    return f"@{actor.login}" if LOGIN.fullmatch(actor.login) else plain(actor.login)


def note_marker(key: str) -> str:
    """Hide a note's key in a comment."""
    return f"<!-- aidp:note {hidden(key)} -->"


def hidden(key: str) -> str:
    """Spell a key so that it fits into a hidden marker: it can not end the marker early."""
    return percent_encoded(key, safe="/:").replace("--", "-%2D")


def configuration_problems(path: str, problems: Sequence[str]) -> str:
    """Say what is wrong with the repository's own configuration."""
    return render("configuration", path=path, problems=problems)


def pull_request_title(draft: PullRequestDraft) -> str:
    """Write the title; it becomes a commit message when the pull request is squashed, so it must close nothing."""
    return closing_nothing(" ".join(draft.title.split()))[:MAX_TITLE]


def pull_request_body(draft: PullRequestDraft, above: str = "") -> str:
    """Write the description of a pull request, below what the repository wants in it."""
    requester = Markdown(mention(draft.requester))
    body = render("pull_request", draft=draft, result=draft.result, requester=requester)
    return marked(above + body, f"<!-- aidp:pull-request v1 issue={draft.item.number} -->")


def render(template: str, **values: object) -> str:
    """Fill in a template."""
    return _templates().get_template(f"{template}.md.j2").render(values).strip()


def duration(seconds: float) -> str:
    """Say a time as people do: 4m 3s."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes}m"
    return f"{minutes}m {rest}s" if minutes else f"{rest}s"


def dollars(usd: float) -> Markdown:
    """Say what it cost; what is less than a cent is said so."""
    return Markdown(f"about ${usd:,.2f}" if usd >= CENT else "less than a cent")


def clock(time: str) -> str:
    """Show the hour and minute of an ISO time in UTC."""
    return f"{datetime.fromisoformat(time):%H:%M}"


def verdict(check: CheckResult) -> str:
    """Show how a check ended; one that may fail only warns."""
    if check.passed:
        return "✅"
    return "❌" if check.required else "⚠️"


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(()),  # Markdown, not HTML: `finalize` does what escaping would
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"cell": cell, "code": code, "duration": duration, "harmless": harmless, "quote": quote}
    environment.filters |= {"block": block, "closed": closed, "indented": indented}
    environment.filters |= {"verdict": verdict, "dollars": dollars, "clock": clock}
    return environment


def _shown(value: object) -> Markdown:
    return value if isinstance(value, Markdown) else plain(str(value))
