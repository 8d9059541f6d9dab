"""An agent that does what its task says in one line: `Play <part> as <slug> in <directory>.`

It keeps a record of who worked when, and a part may wait for a file, or fail until one is there.
"""

import os
import re
import sys
import time
from pathlib import Path


def main() -> None:
    """Play the part."""
    line = re.search(r"Play (\w+) as ([a-z0-9-]+) in (\S+)\.", sys.stdin.read())
    if not line:
        sys.exit("The prompt names no part.")
    part, slug, stage = line[1], line[2], Path(line[3])
    (stage / f"pid-{slug}").write_text(str(os.getpid()))
    record(stage, f"begin {slug}")
    cue = stage / f"{part}-{slug}"
    while part == "wait" and not cue.exists():
        time.sleep(0.02)
    if part == "fail" and not cue.exists():
        record(stage, f"fail {slug}")
        sys.exit("The part is to fail.")
    if part != "idle":
        Path(f"{slug}.txt").write_text("done\n")
    record(stage, f"end {slug}")
    sys.stdout.write("Wrote a file.\nSTATUS: COMPLETE\n")


def record(stage: Path, line: str) -> None:
    """Write a line in one piece, so that agents side by side do not mix theirs."""
    with (stage / "record").open("a") as file:
        file.write(f"{line}\n")


if __name__ == "__main__":
    main()
