"""A stand-in for agent CLIs: plays what the task has written for it, and answers in the form of the CLI it plays.

The lines after `@claude 2` in the task are the shell script of claude's second run; its last one serves all later runs.
A script that fails is passed on as it is: its output and its exit status are those of the CLI.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Read the prompt, leave a record of the run, and play the part."""
    name, prompt = sys.argv[1], sys.stdin.read()
    stage = Path(_word(r"^stage: (.+)$", prompt))
    iteration = _word(r"This is run (\d+) of", prompt) or "0"
    with (stage / "runs").open("a+") as record:
        record.write(f"{name} {_model()} {iteration} {os.getpid()}\n")
        record.seek(0)
        runs = [line.split()[0] for line in record]
    (stage / f"prompt-{len(runs)}").write_text(prompt)
    parts = re.findall(rf"^@{name} (\d+)\n(.*?)(?=^@\w)", prompt, re.MULTILINE | re.DOTALL)
    part = [text for number, text in parts if int(number) <= runs.count(name)][-1]
    played = subprocess.run(["sh", "-e"], input=part, text=True, stdout=subprocess.PIPE, check=False)
    sys.stdout.write(played.stdout if played.returncode else _answer(name, played.stdout))
    sys.exit(played.returncode)


def _answer(name: str, text: str) -> str:
    """Say it as the CLI does."""
    match name:
        case "claude":
            result = {"type": "result", "subtype": "success", "is_error": False, "terminal_reason": "completed"}
            usage = {"usage": {"input_tokens": 1000, "output_tokens": 100}, "total_cost_usd": 0.25}
            return json.dumps({**result, **usage, "result": text})
        case "codex":
            message = {"type": "item.completed", "item": {"type": "agent_message", "text": text}}
            ended = {"type": "turn.completed", "usage": {"input_tokens": 2000, "output_tokens": 200}}
            return f"{json.dumps(message)}\n{json.dumps(ended)}\n"
        case _:
            return text


def _model() -> str:
    return next(
        (value for option, value in zip(sys.argv, sys.argv[1:], strict=False) if option in {"--model", "-m"}), "-"
    )


def _word(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else ""


if __name__ == "__main__":
    main()
