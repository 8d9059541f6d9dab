"""The App that is to be: on which GitHub, whose it is, and under what names its credentials are kept."""

from dataclasses import dataclass
from urllib.parse import urlsplit

GITHUB = "https://github.com"
API = "https://api.github.com"

APP_ID = "AIDP_GITHUB_APP_ID"
SLUG = "AIDP_GITHUB_APP_SLUG"
PRIVATE_KEY = "AIDP_GITHUB_PRIVATE_KEY"
WEBHOOK_SECRET = "AIDP_GITHUB_WEBHOOK_SECRET"  # noqa: S105  # the name of the variable
URL = "AIDP_GITHUB_URL"
API_URL = "AIDP_GITHUB_API_URL"
CREDENTIALS = (APP_ID, SLUG, PRIVATE_KEY, WEBHOOK_SECRET, URL, API_URL)
"""What belongs to one App and is replaced together."""


class CreationError(Exception):
    """The App's credentials did not get here; the text says what to do."""


@dataclass(frozen=True, slots=True)
class NewApp:
    """The App that is to be."""

    webhook_url: str
    github_url: str = GITHUB
    org: str = ""
    """Its owner; empty for the person who creates it."""
    patience_seconds: float = 3600
    """How long the person may take; GitHub keeps a code for as long."""

    @property
    def settings_url(self) -> str:
        """Where its owner finds their Apps."""
        return f"{self.github_url}/{f'organizations/{self.org}/' if self.org else ''}settings/apps"

    @property
    def api_url(self) -> str:
        """The REST API of that GitHub: github.com, a tenant of ghe.com, or a server of one's own."""
        parts = urlsplit(self.github_url)
        if self.github_url == GITHUB:
            return API
        if parts.netloc.endswith(".ghe.com"):
            return f"https://api.{parts.netloc}"
        return f"{self.github_url}/api/v3"
