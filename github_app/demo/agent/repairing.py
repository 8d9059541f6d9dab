"""Repairing a pull request: what its CI found, and what its reviewers want."""

import re
from pathlib import Path

from github_app.demo.agent.module import README, with_units_once

FAILED = re.compile(r"Failed example:\n\s+(.+)\nExpected:\n\s+(.+)\nGot:\n\s+(.+)")
ITEM = re.compile(
    r"^### Item (\d+)\n+`([^`]+)`, line (\d+),(.*?)(?=^### Item |^End your answer)", re.MULTILINE | re.DOTALL
)
WANTS = re.compile(r" wants:\n+(.*)", re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")


def repair(prompt: str) -> str:
    """Let the README say what its examples really give."""
    text = README.read_text()
    found = FAILED.findall(prompt)
    for example, expected, got in found:
        text = re.sub(
            rf"(>>> {re.escape(example)}\n\s*){re.escape(expected)}$", rf"\g<1>{got}", text, flags=re.MULTILINE
        )
    README.write_text(text)
    told = "; ".join(f"`{example}` is {got}, not {expected}" for example, expected, got in found)
    return f"The example in the README was wrong: {told}." if told else "I see nothing that I could repair."


def change(prompt: str) -> str:
    """Do what each review comment asks for."""
    return "\n".join(
        f"ITEM {number}: {_change(Path(path), int(line), rest)}" for number, path, line, rest in ITEM.findall(prompt)
    )


def _change(path: Path, line: int, rest: str) -> str:
    """Change the line that somebody commented on, by the name they quote."""
    wants = WANTS.search(rest)
    quoted = QUOTED.search(wants[1]) if wants else None
    lines = path.read_text().splitlines()
    if not quoted or not 0 < line <= len(lines):
        return "QUESTION Which words should it be, exactly?"
    if quoted[1] == "UNITS":
        lines = [with_units_once(each) for each in lines]
        said = "The patterns take their letters from `UNITS`."
    else:
        lines[line - 1] = lines[line - 1].replace("not a duration:", f"not a duration such as {quoted[1]}:")
        said = f"The message says `{quoted[1]}`."
    path.write_text("\n".join(lines) + "\n")
    return f"DONE {said}"
