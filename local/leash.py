"""A leash for everything a run starts: MiniStack, builds, Lambda functions."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable


def leashed(work: Callable[[], int], *, let_go_on_success: bool = False) -> int:
    """Runs `work` in a process group of its own and ends that whole group with this process.

    However this process ends (done, Ctrl-C, a signal, even SIGKILL) or its caller, `make`, does:
    nothing that `work` started is left behind. With `let_go_on_success` the group of a `work`
    that returned 0 lives on.
    """
    caller = os.getppid()
    leash, hand = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(hand)
        os.setsid()
        threading.Thread(target=_end_group_when_let_down, args=(leash,), daemon=True).start()
        _exit_with(work)
    os.close(leash)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    status = None
    try:
        while status is None:
            ended, wait_status = os.waitpid(worker, os.WNOHANG)
            if ended:
                status = os.waitstatus_to_exitcode(wait_status)
            elif os.getppid() != caller:
                sys.exit(1)
            else:
                time.sleep(0.05)
        return status
    finally:
        if status is None:
            print("\ninterrupted: ending everything that was started", file=sys.stderr)
        if not (let_go_on_success and status == 0):
            end_group(worker)


def end_group(leader: int) -> None:
    """Ends every process of the group: all they hold is throw-away state in `.local`."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _end_group_when_let_down(leash: int) -> None:
    """Waits for the end of the process that holds the other end of the pipe."""
    os.read(leash, 1)
    os.killpg(0, signal.SIGKILL)


def _exit_with(work: Callable[[], int]) -> None:
    """Ends this forked process with the result of `work`."""
    status = 1
    try:
        status = work()
    except BaseException:  # the process ends here, so whatever it is must be shown here
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
