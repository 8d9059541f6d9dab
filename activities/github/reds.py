"""What of the checks of our open pull requests has failed since the last look."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from workflows.model.reconciling import Known, RedHead


@dataclass(frozen=True, slots=True)
class Reds:
    """All that is red in a repository, and what something works on there: that work sees to it."""

    heads: Sequence[RedHead]
    busy: Container[int]

    def remembered(self, known: Known) -> Known:
        """Forget what is red no more. What was red before the first look is old news: nobody can tell how old."""
        first = known.reds is None
        kept = (it.name for it in self.heads if (self._is_free(it) if first else it.name in (known.reds or ())))
        return replace(known, reds=tuple(kept))

    def new(self, known: Known) -> tuple[RedHead, ...]:
        """List what was not red at the last look."""
        if known.reds is None:
            return ()
        return tuple(it for it in self.heads if self._is_free(it) and it.name not in known.reds)

    def _is_free(self, head: RedHead) -> bool:
        return head.commit.item.number not in self.busy
