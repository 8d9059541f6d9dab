"""Names from a closed alphabet, for branches and for what a loop owns on disk and among the refs."""

import re
import unicodedata
from hashlib import sha256

SLUG_LENGTH = 40
PREFIX_LENGTH = 60


def branch_name(prefix: str, number: int, title: str) -> str:
    """Name the branch of an issue: `aidp/issue-12-what-its-title-says`."""
    return f"{_prefix(prefix)}{slug(f'issue-{number}-{title}')}"


def loop_slug(loop_id: str) -> str:
    """Name a loop so that it fits a path and a ref; the hash keeps apart what the alphabet makes equal."""
    return slug(f"{slug(loop_id)}-{sha256(loop_id.encode()).hexdigest()[:10]}", SLUG_LENGTH + 11).strip("-")


def slug(text: str, length: int = SLUG_LENGTH) -> str:
    """Keep letters and digits, without their accents, and put a dash for everything between them."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:length].rstrip("-")


def _prefix(prefix: str) -> str:
    *folders, last = re.split(r"/+", prefix[:PREFIX_LENGTH])
    parts = [slug(folder) for folder in folders]
    start = slug(last)
    return "".join(f"{part}/" for part in parts if part) + (f"{start}-" if start else "")
