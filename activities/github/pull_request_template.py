"""The repository's own pull request template: its sections stay, its hints to the author go."""

import base64
import binascii
import re

from pydantic import TypeAdapter

from activities.github.answers import Contents, Entry
from activities.github.client import RepositoryClient
from activities.github.markdown import closing_nothing

FOLDERS = (".github", "", "docs")  # where GitHub looks
NAME = re.compile(r"pull_request_template\.(?:md|txt)", re.IGNORECASE)
HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)  # one that stays open hides all that follows
BLANK_LINES = re.compile(r"\n{3,}")
MAX_CHARACTERS = 10_000
ENTRIES = TypeAdapter(list[Entry])


async def read_template(repository: RepositoryClient) -> str:
    """Read the template of the default branch; empty when there is none that can be used."""
    for folder in FOLDERS:
        for entry in await _entries(repository, folder):
            if entry.type == "file" and NAME.fullmatch(entry.name):
                contents = await repository.find(f"contents/{entry.path}", Contents)
                return cleaned(_text(contents)) if contents else ""
    return ""


def cleaned(template: str) -> str:
    """Leave out what is hidden, and what would close an issue that somebody gave as an example."""
    shown = HIDDEN.sub("", template.replace("\r\n", "\n"))
    return closing_nothing(BLANK_LINES.sub("\n\n", shown).strip()[:MAX_CHARACTERS])


async def _entries(repository: RepositoryClient, folder: str) -> list[Entry]:
    found = await repository.find(f"contents/{folder}".rstrip("/"), object)
    return ENTRIES.validate_python(found) if isinstance(found, list) else []  # nothing there, or a file


def _text(contents: Contents) -> str:
    try:
        return base64.b64decode(contents.content).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
