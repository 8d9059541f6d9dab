"""What git gets to see of a title: branch names from a closed alphabet, and commit subjects that close nothing."""

import re
import unicodedata

SLUG_LENGTH = 40
SUBJECT_LENGTH = 72
REFERENCE = re.compile(r"(#|\bGH-)(?=\d)", re.IGNORECASE)
PREFIX_LENGTH = 60


def branch_name(prefix: str, number: int, title: str) -> str:
    """Name the branch of an issue: `aidp/issue-12-what-its-title-says`."""
    return f"{_prefix(prefix)}{slug(f'issue-{number}-{title}')}"


def commit_subject(title: str) -> str:
    """Make a title one line that refers to no issue: GitHub closes what a commit "fixes", whoever wrote the title."""
    line = " ".join(title.split())
    return REFERENCE.sub("no. ", line).replace("://", ": //")[:SUBJECT_LENGTH].strip() or "Work by aidp"


def slug(text: str, length: int = SLUG_LENGTH) -> str:
    """Keep letters and digits, without their accents, and put a dash for everything between them."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:length].rstrip("-")


def _prefix(prefix: str) -> str:
    *folders, last = re.split(r"/+", prefix[:PREFIX_LENGTH])
    parts = [slug(folder) for folder in folders]
    start = slug(last)
    return "".join(f"{part}/" for part in parts if part) + (f"{start}-" if start else "")
