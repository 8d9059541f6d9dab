"""What people can do next, in the words of where the work came from: an issue with a label, or a job."""

from dataclasses import dataclass

from workflows.model import Source


@dataclass(frozen=True, slots=True)
class Advisor:
    """Speaks to those who started the work."""

    again: str
    """How to start it once more."""
    answer: str
    """How to answer the agent."""
    go_on: str
    """How to have unfinished work gone on with."""
    allow: str
    """Who can have it go on when a budget is used up; `{more}` is an amount of what is limited."""
    approve: str
    """Who can let a change pass, or refuse it."""
    prefer: str
    """Who can have another agent work meanwhile."""

    def say(self, text: str) -> str:
        """Fill `{again}` in; `{Again}` begins a sentence."""
        return text.format(again=self.again, Again=self.again.capitalize())


ON_GITHUB = Advisor(
    again="put the label on again",
    answer="Answer in the issue and put the label on again.",
    go_on="Say what is missing, then put the label on again to go on from the branch.",
    allow="`/aidp budget +{more}` goes on (admin permission), `/aidp cancel` ends it (triage permission)",
    approve="`/aidp approve` or `/aidp reject` (write permission)",
    prefer="`/aidp provider` chooses another agent (write permission)",
)
AT_A_TERMINAL = Advisor(
    again="start it again",
    answer="Put the answer into the prompt and start it again.",
    go_on="Say what is missing in the prompt of a new job; one that is started from the branch goes on from there.",
    allow="`aidp jobs allow` goes on, `aidp jobs cancel` ends it",
    approve="`aidp jobs approve` or `aidp jobs refuse`",
    prefer="`aidp jobs prefer` chooses another agent",
)


def advisor_for(source: Source) -> Advisor:
    """Tell who is spoken to."""
    return AT_A_TERMINAL if source.project_dir else ON_GITHUB
