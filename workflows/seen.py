"""What has come before, by its names: webhooks and looks may tell of the same, and both may tell of it twice."""

from collections import OrderedDict
from collections.abc import Iterable


class Seen:
    """The names of the last so many things."""

    def __init__(self, names: Iterable[str], most: int) -> None:
        self._names = OrderedDict.fromkeys(names)
        self._most = most

    def __contains__(self, name: str) -> bool:
        return name in self._names

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, the oldest first."""
        return tuple(self._names)

    def add(self, *names: str) -> None:
        """Remember a thing by its names, and forget the oldest."""
        self._names.update(dict.fromkeys(names))
        while len(self._names) > self._most:
            self._names.popitem(last=False)

    def is_new(self, name: str) -> bool:
        """Remember it; false if it was known already."""
        if name in self._names:
            return False
        self.add(name)
        return True
