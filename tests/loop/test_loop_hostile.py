"""Agents that move the refs of their own loop: the loop goes on from what it knows itself."""

from loop_scene import Scene, part, recorded

from workflows.model import Ending

AS_ADA = "git -c user.name=ada -c user.email=ada@example.com commit -q"
SMUGGLE = f"""\
echo secret > key.pem; git add --all; {AS_ADA} -m Oh
git rm -q key.pem; {AS_ADA} -m Nothing
for ref in $(git for-each-ref --format='%(refname)' refs/loops); do git update-ref $ref HEAD; done
"""
HALF = f"echo half > half.txt\n{SMUGGLE}{recorded('claude/e429')}"


async def test_what_an_agent_commits_by_itself_reaches_nobody(scene: Scene) -> None:
    """Each checkpoint stands on the one before; the next agent finds that work, and nothing that a failed one left."""
    scene.configure("commands: []\nproviders: [claude, codex]\n")
    more = f"echo more > more.txt\n{SMUGGLE}echo 'STATUS: CONTINUE'"
    again = more.replace("more.txt", "again.txt")
    loop = await scene.start(part("claude", more, again, HALF), part("codex", scene.waiting()))
    await scene.run_number(4)
    [ref] = scene.git("for-each-ref", "--format=%(refname)", "refs/aidp/").split()
    assert scene.git("log", "--format=%s", f"main..{ref}").split("\n") == ["aidp: iteration 2", "aidp: iteration 1"]
    scene.cue()
    result = await loop.result()
    assert (result.outcome.ending, result.provider) == (Ending.DONE, "codex")
    assert result.published
    assert result.published.files == ("again.txt", "done.txt", "more.txt")
    assert "key.pem" not in scene.git("rev-list", "--objects", "--all")
