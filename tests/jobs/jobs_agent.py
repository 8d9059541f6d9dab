"""An agent that waits for its cue, heeds what it was told, and goes on as long as it was told nothing."""

import os
import re
import sys
import time
from pathlib import Path


def main() -> None:
    """Write the last `Answer: ...` of the prompt down; without one there is more to do."""
    prompt = sys.stdin.read()
    stage = Path(_word(r"^stage: (.+)$", prompt))
    run = _word(r"This is run (\d+) of", prompt)
    (stage / f"pid-{run}").write_text(str(os.getpid()))
    while not any((stage / cue).exists() for cue in (f"go-{run}", "go")):
        time.sleep(0.02)
    answers = re.findall(r"Answer: (\w+)", prompt)
    Path("answer.txt").write_text(f"{answers[-1] if answers else 'nothing'}\n")
    sys.stdout.write(
        f"\x1b[31mrun {run} heard {len(answers)} answers\nSTATUS: {'COMPLETE' if answers else 'CONTINUE'}\n"
    )


def _word(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else ""


if __name__ == "__main__":
    main()
