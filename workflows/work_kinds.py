"""The kinds of work: which label asks for each, where it makes sense, which workflow does it."""

from workflows.model import Issue, Labels, Work

ON_ISSUES = frozenset({Work.PLAN, Work.BUILD, Work.AUTO, Work.PROJECT})
ON_PULL_REQUESTS = frozenset({Work.AUTO, Work.REVIEW, Work.FIX_CI, Work.FIX, Work.REBASE})
WRONG_PLACE = "`{verb}` is for {right}, and this is {wrong}."


def trigger_label(labels: Labels, work: Work) -> str:
    """Name the label that asks for this work."""
    return by_label(labels)[work]


def by_label(labels: Labels) -> dict[Work, str]:
    """List the trigger labels."""
    return {
        Work.PLAN: labels.plan,
        Work.BUILD: labels.build,
        Work.AUTO: labels.auto,
        Work.REVIEW: labels.review,
        Work.FIX_CI: labels.fix_ci,
        Work.FIX: labels.request_changes,
        Work.REBASE: labels.rebase,
        Work.PROJECT: labels.project,
    }


def work_of(labels: Labels, label: str) -> Work | None:
    """Tell what a label asks for; GitHub does not tell upper from lower case in labels."""
    return next((work for work, name in by_label(labels).items() if name.casefold() == label.casefold()), None)


def misplaced(work: Work, issue: Issue) -> str:
    """Say why this work makes no sense here; empty when it does."""
    if work in (ON_PULL_REQUESTS if issue.pull_request else ON_ISSUES):
        return ""
    issues, pulls = "issues", "pull requests"
    right, wrong = (issues, "a pull request") if issue.pull_request else (pulls, "an issue")
    return WRONG_PLACE.format(verb=work, right=right, wrong=wrong)
