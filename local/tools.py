"""`python -m local.tools VENV`: installs what local/requirements.txt names, with what is in the
standard library alone."""

import sys
import venv
from pathlib import Path

from .output import outlive_reader
from .steps import Failed, run, step

HERE = Path(__file__).resolve().parent


def main(where: Path) -> int:
    outlive_reader()
    install = ["install", "--progress-bar=off", "--no-deps", "--require-hashes"]
    install += ["--requirement", "requirements.txt"]
    log = where.parent / "tools.log"
    try:
        with step(f"installing the tools into {where}"):
            venv.create(where, clear=True, symlinks=True, with_pip=True)
            run([str(where.resolve() / "bin" / "pip"), *install], cwd=HERE, log=log)
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
