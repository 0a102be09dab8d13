"""Standard output whose reader may go before the work is done, as `head` does."""

import io
import os
import sys


def outlive_reader() -> None:
    """From now on what nobody reads is dropped, and the work goes on."""
    binary = os.fdopen(sys.stdout.fileno(), "wb", closefd=False)
    sys.stdout = _Output(binary, sys.stdout.encoding, sys.stdout.errors)


class _Output(io.TextIOWrapper):
    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            self._drop()
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self._drop()

    def _drop(self) -> None:
        """Has whatever is still to come, and what waits to be written, go nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
