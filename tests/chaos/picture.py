"""What people see of a repository in the end, as lines that two runs can be compared by, and what is there twice."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import unified_diff

from story_kit import Story

from github_app.demo.github.model import CheckRun, Comment, Issue, Review, ReviewComment
from workflows.check_run import SUPERSEDED

MARKER = re.compile(r"<!-- aidp:\S+ .*?-->")
KIND = re.compile(r"<!-- aidp:(\S+)")
HEADLINE = re.compile(r"\*\*(.+?)\*\*")
RUN = re.compile(r"^Aidp-Run: (.+)$", re.MULTILINE)
OUTAGE = "could not be reached from"
"""How long somebody was away is another matter in each run."""
WORKING = "aidp-working"
FINE = ("Done", "Nothing to do")

Picture = tuple[str, ...]
Said = Comment | Review | ReviewComment


def outline(story: Story) -> Picture:
    """Draw what GitHub says without asking git: items, comments, reactions, check runs."""
    repository = story.repository
    items = repository.issues.values()
    checks = Counter(
        _check(run.name, run.conclusion)
        for run in repository.check_runs.values()
        if run.app.slug == "aidp" and not _left(run)
    )
    return tuple(sorted([*(line for item in items for line in _item(story, item)), *_counted(checks)]))


async def picture(story: Story) -> Picture:
    """Draw all of it."""
    git = story.github.world.git(story.repository)
    refs = await git.refs("refs/")
    lines = [
        f"{len(await git.commits(f'main..{sha}'))} commits on {ref}, {await _content(story, sha)}"
        for ref, sha in refs.items()
        if not ref.startswith("refs/pull/")
    ]
    return (*outline(story), *sorted(lines))


def is_over(story: Story) -> bool:
    """Whether nothing here says that it is still being worked on."""
    return not any(WORKING in item.labels for item in story.repository.issues.values())


def difference(wanted: Picture, found: Picture) -> str:
    """Say what is missing and what is too much, line by line."""
    lines = list(unified_diff(wanted, found, "clean", "chaos", n=0, lineterm=""))[2:]
    return "\n".join(line for line in lines if not line.startswith("@@"))


async def doubled(story: Story) -> list[str]:
    """Name every effect that is there more than once."""
    repository = story.repository
    git = story.github.world.git(repository)
    comments = Counter(
        (number, marker[0])
        for number, said in _all_said(story)
        if _is_ours(said) and (marker := MARKER.search(said.body))
    )
    pulls = Counter(item.pull.head for item in story.pull_requests() if item.pull)
    checks = Counter(
        (run.name, run.external_id, run.head_sha) for run in repository.check_runs.values() if run.external_id
    )
    messages = [commit.message for commit in await git.commits("--branches", "--not", "main")]
    runs = Counter(run[1] for message in messages if (run := RUN.search(message)))
    counts = {"comment": comments, "pull request": pulls, "check run": checks, "commit": runs}
    return [
        f"{count} x {noun} {what}" for noun, counted in counts.items() for what, count in counted.items() if count > 1
    ]


def _item(story: Story, item: Issue) -> Iterator[str]:
    name = _name(item)
    pull = f" -> {item.pull.base}{' draft' if item.pull.draft else ''}" if item.pull else ""
    yield f"{name} {item.state} {','.join(sorted(item.labels))}{pull} {item.title}"
    for reaction in story.github.reactions(story.repository, item.number):
        yield f"{name} {reaction.user.login} reacts {reaction.content}"
    for comment in story.github.comments(story.repository, item.number):
        if OUTAGE not in comment.body:
            yield f"{name} {comment.user.login} says {_kind(comment)}{_reactions(story, comment)}"
    for review in story.repository.reviews.values():
        if review.number == item.number and review.state != "COMMENTED":
            yield f"{name} {review.user.login} reviews {review.state} {_kind(review)}"
    for number, remark in _remarks(story):
        if number == item.number:
            thread = story.repository.threads[remark.thread_id]
            resolved = " (resolved)" if thread.resolved_by else ""
            yield f"{name} {remark.user.login} remarks on {thread.spot.path}{resolved} {_kind(remark)}"


def _remarks(story: Story) -> Iterator[tuple[int, ReviewComment]]:
    threads = story.repository.threads
    return ((threads[it.thread_id].number, it) for it in story.repository.review_comments.values())


def _all_said(story: Story) -> Iterator[tuple[int, Said]]:
    """List what was written, and on which item."""
    repository = story.repository
    yield from ((it.number, it) for it in repository.comments.values())
    yield from ((it.number, it) for it in repository.reviews.values())
    yield from _remarks(story)


def _name(item: Issue) -> str:
    """Name a pull request by its branch: which of several is opened first is not decided by webhooks."""
    return f"pull request of {item.pull.head}" if item.pull else f"#{item.number}"


def _kind(comment: Said) -> str:
    """Say what a comment is: which of ours, with the headline of a status; a person's by its first line."""
    if not _is_ours(comment):
        return comment.body.partition("\n")[0]
    kind, headline = KIND.search(comment.body), HEADLINE.search(comment.body)
    found = kind[1] if kind else "?"
    if found != "status" or not headline:
        return found
    return f"{found} {headline[1]}{_why(comment) if headline[1] not in FINE else ''}"


def _why(comment: Said) -> str:
    """Show more of a status that nobody hopes for."""
    return ": " + " ".join(comment.body.split())[:600]


def _reactions(story: Story, comment: Comment) -> str:
    found = story.repository.reactions.values()
    return "".join(sorted(f" ({it.content})" for it in found if it.subject == ("comment", comment.id)))


def _is_ours(comment: Said) -> bool:
    return comment.user.login == "aidp[bot]"


def _left(run: CheckRun) -> bool:
    """Tell one that the work has left for a newer commit: whether there was time to begin one is not the same twice."""
    return run.conclusion == "neutral" and SUPERSEDED in str(run.output.get("title"))


def _check(name: str, conclusion: str | None) -> str:
    return f"check {name}: {conclusion}"


def _counted(lines: Counter[str]) -> Iterable[str]:
    return (f"{count} x {line}" for line, count in lines.items())


async def _content(story: Story, sha: str) -> str:
    """Name every file with the start of its content's name."""
    git = story.github.world.git(story.repository)
    folder = await git.folder(sha, "")
    return " ".join(f"{entry.path}={entry.sha[:7]}" for entry in folder)
