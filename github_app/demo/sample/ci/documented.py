"""What only the CI checks: every public function is mentioned in the README."""

import re
import sys
from pathlib import Path

functions = re.findall(r"^def ([a-z]\w*)", Path("durations.py").read_text(), re.MULTILINE)
missing = [name for name in functions if name not in Path("README.md").read_text()]
if missing:
    sys.exit(f"README.md does not mention {', '.join(missing)}")
