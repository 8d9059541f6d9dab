"""What an agent is asked to do, put together from what people wrote and what was decided."""

from workflows.model import ApprovedPlan, Issue, Plan, Task


def build_task(issue: Issue, plan: ApprovedPlan | None, hint: str) -> Task:
    """Ask for what an issue wants, along the plan if there is one."""
    parts = [issue.body.strip(), _hint(hint), plan_text(plan.plan) if plan else ""]
    return Task(issue.title, "\n\n".join(part for part in parts if part))


def question_task(issue: Issue, hint: str) -> Task:
    """Ask about an issue without doing anything yet."""
    return Task(issue.title, "\n\n".join(part for part in (issue.body.strip(), _hint(hint)) if part))


def plan_text(plan: Plan) -> str:
    """Write a plan for an agent."""
    tasks = [
        f"{number}. {task.title}{f': {task.detail}' if task.detail else ''}"
        for number, task in enumerate(plan.tasks, 1)
    ]
    files = f"Files it is likely to touch: {', '.join(plan.files)}" if plan.files else ""
    return "\n\n".join(part for part in ("## The plan", plan.summary, "\n".join(tasks), files) if part)


def _hint(hint: str) -> str:
    return f"## What the requester added\n\n{hint.strip()}" if hint.strip() else ""
