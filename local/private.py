"""Files for tokens, passwords and secrets."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Writes a file that its owner alone can read, whatever stood there before."""
    path.unlink(missing_ok=True)
    with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
