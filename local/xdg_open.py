"""`python -m local.xdg_open NAME PASSWORD FOLDER URL`: a person with a browser, who signs in there."""

import sys
from pathlib import Path

from .browser import browser


def main(name: str, password: str, folder: str, url: str) -> None:
    with browser(Path(folder)) as window:
        window.sign_in(url, name, password)


if __name__ == "__main__":
    main(*sys.argv[1:])
