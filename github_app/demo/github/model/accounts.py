"""People, bots and organizations."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """An account: a person, or the bot user of an App."""

    id: int
    login: str
    type: str = "User"
