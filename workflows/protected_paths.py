"""Paths that no agent changes unless the repository opens them: what runs before anybody has reviewed it. Pure.

An agent's code runs in CI and on people's machines in any case. These files decide *what* runs there, with which
secrets, and who has to look at it first.
"""

import unicodedata

from workflows.globs import first_match

PROTECTED = (  # in lower case, see `_plain`
    # who reviews, and what reviewers get to see
    "codeowners",
    ".github/codeowners",
    "docs/codeowners",
    "**/.gitattributes",
    # our own configuration
    ".aidp/**",
    # CI: it runs a branch as soon as it is pushed
    ".github/workflows/**",
    ".github/actions/**",
    ".github/dependabot.yml",
    ".github/dependabot.yaml",
    ".gitlab-ci.yml",
    ".gitlab/ci/**",
    ".circleci/**",
    ".buildkite/**",
    ".teamcity/**",
    ".woodpecker/**",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    ".drone.yml",
    ".travis.yml",
    ".appveyor.yml",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "cloudbuild.yaml",
    "jenkinsfile",
    # code that git fetches or starts
    ".gitmodules",
    ".git-hooks/**",
    ".githooks/**",
    ".husky/**",
    ".lefthook.yml",
    "lefthook.yml",
    ".overcommit.yml",
    ".pre-commit-config.yaml",
    # what editors and shells start when the folder is opened
    "**/.envrc",
    ".devcontainer/**",
    ".devcontainer.json",
    ".idea/**",
    ".run/**",
    ".vscode/**",
    # commands, hooks and permissions of the agents themselves: they would count from the next iteration on
    "**/.claude/**",
    "**/.cursor/**",
    "**/.mcp.json",
    ".aider.conf.yml",
    ".codex/**",
    ".gemini/**",
    ".github/agents/**",
    ".github/hooks/**",
    ".opencode/**",
    ".qwen/**",
    "opencode.json",
    "opencode.jsonc",
)


def protection(path: str) -> str:
    """Return the glob that protects a path, however it is spelled; an empty string if none does."""
    return first_match(PROTECTED, _plain(path))


def protected_below(path: str) -> str:
    """Return a protected place inside this path: a link put here would stand for it."""
    folder = f"{_plain(path)}/"
    return next((glob for glob in PROTECTED if glob.startswith(folder)), "")


def _plain(path: str) -> str:
    """Spell a path as a forgiving file system reads it: case, compatible forms, unseen characters, trailing dots."""
    if not path.isascii():
        path = "".join(char for char in unicodedata.normalize("NFKC", path) if unicodedata.category(char) != "Cf")
    return "/".join(part.rstrip(". ") or part for part in path.casefold().replace("\\", "/").split("/"))
