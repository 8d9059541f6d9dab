"""JSON of repositories, commits and what differs between them."""

from urllib.parse import quote

from github_app.demo.github.git import Commit, Entry, File, FileChange
from github_app.demo.github.model import Json, Repository
from github_app.demo.github.shapes.accounts import user
from github_app.demo.github.shapes.values import node_id, stamp
from github_app.demo.github.world import World

LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
NOBODY_COUNTS = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size")
ALWAYS: Json = {
    "topics": [],
    "allow_forking": True,
    "is_template": False,
    "web_commit_signoff_required": False,
    "has_downloads": True,
    "has_issues": True,
    "has_projects": False,
    "has_wiki": False,
    "has_pages": False,
    "has_discussions": False,
}


UNSIGNED: Json = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def api_url(world: World, repository: Repository) -> str:
    """Return the address of a repository in the REST API."""
    return f"{world.url}/repos/{repository.full_name}"


def html_url(world: World, repository: Repository) -> str:
    """Return the address of a repository for people."""
    return f"{world.url}/{repository.full_name}"


def repository(world: World, found: Repository) -> Json:
    """Write a repository as everything embeds it."""
    html, open_issues = html_url(world, found), sum(issue.state == "open" for issue in found.issues.values())
    created = stamp(found.created_at)
    return {
        "id": found.id,
        "node_id": node_id("R", found.id),
        "name": found.name,
        "full_name": found.full_name,
        "private": found.private,
        "visibility": "private" if found.private else "public",
        "owner": user(world, found.owner),
        "html_url": html,
        "url": api_url(world, found),
        "clone_url": f"{html}.git",
        "git_url": f"{html}.git",
        "ssh_url": f"{html}.git",
        "svn_url": html,
        "mirror_url": None,
        "description": None,
        "homepage": None,
        "language": None,
        "license": None,
        "fork": found.parent_id is not None,
        "archived": found.archived,
        "disabled": False,
        "default_branch": found.default_branch,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "created_at": created,
        "updated_at": created,
        "pushed_at": stamp(found.pushed_at),
        **dict.fromkeys(NOBODY_COUNTS, 0),
        **ALWAYS,
        **{name: api_url(world, found) + path for name, path in LINKS.items()},
    }


def brief(found: Repository) -> Json:
    """Write a repository as news of an installation carry it."""
    facts = {it: getattr(found, it) for it in ("id", "name", "full_name", "private")}
    return facts | {"node_id": node_id("R", found.id)}


def added(found: Repository) -> Json:
    """Tell that an installation covers one repository more."""
    changes: Json = {"repositories_added": [brief(found)], "repositories_removed": []}
    return changes | {"repository_selection": "selected", "requester": None}


def brief_repository(found: Repository) -> Json:
    """Write a repository as the webhooks of installations name it."""
    facts = {name: getattr(found, name) for name in ("id", "name", "full_name", "private")}
    return facts | {"node_id": node_id("R", found.id)}


def full_repository(world: World, found: Repository) -> Json:
    """Write a repository asked for by itself."""
    return repository(world, found) | {"subscribers_count": 0, "network_count": 0}


def commit(world: World, found: Repository, it: Commit) -> Json:
    """Write a commit of a repository."""
    api = api_url(world, found)
    return {
        "sha": it.sha,
        "node_id": f"C_{it.sha}",
        "url": f"{api}/commits/{it.sha}",
        "html_url": f"{html_url(world, found)}/commit/{it.sha}",
        "comments_url": f"{api}/commits/{it.sha}/comments",
        "commit": {
            "url": f"{api}/git/commits/{it.sha}",
            "author": {"name": it.author.name, "email": it.author.email, "date": it.author.date},
            "committer": {"name": it.committer.name, "email": it.committer.email, "date": it.committer.date},
            "message": it.message,
            "comment_count": 0,
            "tree": {"sha": it.tree, "url": f"{api}/git/trees/{it.tree}"},
            "verification": UNSIGNED,
        },
        "author": None,
        "committer": None,
        "parents": [
            {"sha": sha, "url": f"{api}/commits/{sha}", "html_url": f"{html_url(world, found)}/commit/{sha}"}
            for sha in it.parents
        ],
    }


def simple_commit(it: Commit) -> Json:
    """Write a commit as pushes and check suites carry it."""
    return {
        "id": it.sha,
        "tree_id": it.tree,
        "message": it.message,
        "timestamp": it.committer.date,
        "author": {"name": it.author.name, "email": it.author.email},
        "committer": {"name": it.committer.name, "email": it.committer.email},
    }


def pushed_commit(world: World, found: Repository, it: Commit) -> Json:
    """Write a commit as the webhook of its push carries it."""
    url = f"{html_url(world, found)}/commit/{it.sha}"
    return simple_commit(it) | {"url": url, "distinct": True, "added": [], "removed": [], "modified": []}


def file_change(world: World, found: Repository, it: FileChange) -> Json:
    """One file of a comparison or pull request."""
    path, html = quote(it.path), html_url(world, found)
    return {
        "sha": it.sha,
        "filename": it.path,
        "status": it.status,
        "additions": it.additions,
        "deletions": it.deletions,
        "changes": it.additions + it.deletions,
        "blob_url": f"{html}/blob/{it.sha}/{path}",
        "raw_url": f"{html}/raw/{it.sha}/{path}",
        "contents_url": f"{api_url(world, found)}/contents/{path}",
        **({"patch": it.patch} if it.patch else {}),
    }


def entry(world: World, found: Repository, it: Entry) -> Json:
    """One line of a folder's contents."""
    url = f"{api_url(world, found)}/contents/{it.path}"
    return {
        "type": it.type,
        "size": it.size,
        "name": it.path.rsplit("/", 1)[-1],
        "path": it.path,
        "sha": it.sha,
        "url": url,
        "git_url": None,
        "html_url": None,
        "download_url": None,
        "_links": {"self": url, "git": None, "html": None},
    }


def file_entry(it: File) -> Entry:
    """Return a file's line in its folder."""
    return Entry(it.path, "file", it.sha, len(it.content))
