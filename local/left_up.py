"""The local cloud that `make local` leaves up: told of once more, and ended."""

import shutil
from pathlib import Path

import httpx

from . import bookshop, welcome
from .bookshop import Bookshop
from .cloud import Cloud, end_cloud, running_cloud
from .steps import Failed


def tell(shop: Bookshop, home: Path) -> str:
    """What `make local` says of a bookshop that it has just deployed."""
    return welcome.welcome(shop, home)


def tell_again(home: Path, port: int | None) -> str:
    """The same of one that is up already, and left as it is; empty if none is."""
    url = _url(home, port)
    if url is None:
        return ""
    if not welcome.is_complete(home):
        raise Failed(f"the local cloud at {url} is not ready, or never will be: `make stop` ends it.")
    cloud = Cloud(home, httpx.URL(url).port)
    cloud.isolate()
    return f"The local cloud is up already.\n{welcome.again(bookshop.find(cloud), home)}"


def stop(home: Path, port: int | None) -> str:
    """Ends it, and says so. What was built is elsewhere, and stays."""
    url = _url(home, port)
    if url is None:
        return "no local cloud is up"
    end_cloud(home)
    shutil.rmtree(home, ignore_errors=True)
    return f"the local cloud at {url} has ended"


def _url(home: Path, port: int | None) -> str | None:
    """Where it is, if one is up; a port, if one was asked for, must be its own."""
    running = running_cloud(home)
    if running is None:
        return None
    url = running[1]
    if port not in (None, httpx.URL(url).port):
        raise Failed(f"the local cloud is up at {url}, not at port {port}: `make stop` ends it.")
    return url
