"""The commands that the documents show, and what they show of them.

The info string of a fenced block has its language first, then where its commands run:

- `machine`: anywhere, in a checkout of the project;
- `background`: the same, in a terminal of their own, where they go on;
- `cloud`: beside the local cloud that `make local` leaves up;
- `engine`: where a container engine runs;
- `not-here: reason`: not in the tests.

A block of `sh` is typed as it stands. One of `console` has commands after `$ `, each with what it
prints, where `…` stands for anything, and on a line of its own for any lines. The lines of a block
of `text output` are some of those that the last block which runs has printed, in their order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .cloud import ROOT

FENCED = re.compile(r"^( *)```(\S+)(?: ([^\n]*))?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
# It goes on behind a backslash, a pipe and `&&`.
COMMAND = re.compile(r"^\$ ((?:.*(?:[\\|]|&&)\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
WORDS = ("machine", "background", "cloud", "engine")
NOT_HERE = "not-here: "


@dataclass(frozen=True)
class Block:
    """A fenced block with commands."""

    page: str
    line: int
    language: str
    where: str
    text: str
    output: str = ""  # what the blocks of `text output` after it say

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    def commands(self) -> list[tuple[str, str | None]]:
        """What is typed at once, with what is shown of it."""
        if self.language == "sh":
            return [(self.text, None)]
        return [(command, shown.strip("\n") or None) for command, shown in COMMAND.findall(self.text)]


def pages() -> list[Path]:
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("events/*.md")]
    return sorted([*found, *ROOT.glob("examples/*/*.md")])


def blocks(page: Path) -> list[Block]:
    found: list[Block] = []
    content = page.read_text()
    for fenced in FENCED.finditer(content):
        indent, language, where, text = fenced.groups(default="")
        if language in ("sh", "console"):
            line = content.count("\n", 0, fenced.start()) + 1
            text = re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
            found.append(Block(str(page.relative_to(ROOT)), line, language, where, text))
        elif (language, where) == ("text", "output"):
            last = max(at for at, block in enumerate(found) if block.where in WORDS)
            found[last] = replace(found[last], output=found[last].output + text)
    return found


def is_as_shown(shown: str, printed: str) -> bool:
    """`…` on a line of its own stands for any lines, elsewhere for anything on its line."""
    lines = [
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + r"\n"
        for line in shown.strip("\n").splitlines()
    ]
    got = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
    return re.fullmatch("".join(lines), got) is not None


def missing(lines: str, printed: str) -> Iterator[str]:
    """The lines that do not stand in what was printed in their order, however they are spaced."""
    rest = iter([" ".join(line.split()) for line in printed.splitlines()])
    for line in lines.splitlines():
        pattern = re.escape(" ".join(line.split())).replace("…", ".*")
        if not any(re.fullmatch(pattern, each) for each in rest):
            yield line
