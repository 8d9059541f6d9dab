"""The way of one loop, from a fresh worktree to a published branch."""

from pathlib import Path

from workspace_hosts import Host, git, tree

from workflows.model import ChangeStat


async def test_a_fresh_start(host: Host, origin: Path) -> None:
    """A new loop gets the default branch, a place for prompts and logs, and its task in writing."""
    workspace = await host.open()
    assert (tree(workspace) / "README.md").read_text() == "hello\n"
    assert workspace.base_branch == "main"
    assert workspace.base_sha == workspace.start_sha == git(origin, "rev-parse", "main")
    assert workspace.host_queue == "aidp-host-host"
    directory = Path(workspace.directory)
    assert (directory / "task.md").read_text() == "# Add a greeting\n\nSay hello.\n"
    assert (directory / "prompts").is_dir()
    assert (directory / "logs").is_dir()
    assert git(tree(workspace), "status", "--porcelain") == ""
    assert git(tree(workspace), "rev-parse", "origin/main", "HEAD").split() == [workspace.base_sha] * 2


async def test_a_checkpoint_is_kept_at_the_remote(host: Host, origin: Path) -> None:
    """What the agent did is committed by the bot, measured, and pushed where another host finds it."""
    workspace = await host.open()
    (tree(workspace) / "src" / "app.py").write_text("one\n2\nthree\nfour\n")
    (tree(workspace) / "noise.log").write_text("ignored\n")
    checkpoint = await host.checkpoint(workspace, 3)
    ref = git(origin, "for-each-ref", "--format=%(objectname) %(authorname) %(subject)", "refs/aidp/")
    assert ref == f"{checkpoint.sha} aidp[bot] aidp: iteration 3"
    assert checkpoint.change == ChangeStat(files=1, additions=2, deletions=1)
    assert checkpoint.tree == git(origin, "rev-parse", f"{checkpoint.sha}^{{tree}}")
    assert git(tree(workspace), "rev-parse", "HEAD") == checkpoint.sha
    assert git(tree(workspace), "status", "--porcelain") == ""
