"""Whose word counts about who asks: the lines that a reverse proxy of ours adds, and nobody else's.

Of X-Forwarded-For the last address that is no proxy of ours is the one that our own proxy saw; whatever stands before
it, the caller wrote. Lock-outs count by it.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from hotline import settings

PEER = "hotline.peer"
"""Under this name the scope keeps who really connected: the address of a proxy, perhaps."""
UNIX = "unix"
"""The word of the setting for a proxy that connects by a unix socket."""


@lru_cache(maxsize=4096)
def is_ours(peer: str, proxies: str) -> bool:
    """Whether the address is one of ``proxies``: addresses and networks by spaces."""
    words = proxies.split()
    if not peer:
        return UNIX in words
    try:
        address = ip_address(peer)
    except ValueError:
        return peer in words
    return any(address in network for word in words if (network := _network(word)) is not None)


def _network(word: str) -> Any:
    try:
        return ip_network(word, strict=False)
    except ValueError:
        return None


def resolve(scope: Any) -> None:
    """Put the caller's own address and scheme into the scope where a proxy of ours passed the request on."""
    given = scope.get("client")
    peer = str(given[0]) if given else ""
    scope[PEER] = peer
    proxies = settings.current().proxies
    if not proxies or not is_ours(peer, proxies):
        return
    headers = dict(scope["headers"])
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    if caller := _caller(",".join(lines), proxies):
        scope["client"] = (caller, 0)
    proto = headers.get(b"x-forwarded-proto", b"").decode("latin-1").partition(",")[0].strip()
    if proto in ("http", "https"):
        scope["scheme"] = proto


def _caller(line: str, proxies: str) -> str:
    """The last address of the line that is no proxy of ours; "" when there is none that can be read."""
    for word in reversed([one.strip() for one in line.split(",")]):
        try:
            address = str(ip_address(word))
        except ValueError:
            return ""
        if not is_ours(address, proxies):
            return address
    return ""


def peer_is_ours(scope: Any) -> bool:
    """Whether a proxy of ours passed this request on."""
    given = scope.get("client")
    peer = scope.get(PEER, str(given[0]) if given else "")
    return bool(settings.current().proxies) and is_ours(peer, settings.current().proxies)
