"""Where a web hook may go: no redirect is followed, and a name that leads into a private network needs the switch.

An installation behind a government intranet has private addresses on purpose; a partner's form says so (内网地址).
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from hotline.errors import Say

LONGEST = 500


class Refused(OSError):  # noqa: N818 - what it means
    """The name leads to an address that this partner's web hook may not use."""


def wrong(url: str, *, is_intranet: bool) -> Say | None:
    """Why this address cannot be used, as far as can be said without asking a name server; None when it may."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or parts.username:
        return Say("地址写得不对，例如 https://example.cn/hook。", "Not an address; write https://example.cn/hook.")
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not is_intranet):
        return Say("要用 https 开头；http 只限内网地址。", "Use https; plain http is for the intranet only.")
    if parts.fragment:
        return Say("地址里不能有 #。", "An address for machines has no #.")
    if _literal(host) and not may_reach(host, is_intranet=is_intranet):
        return Say("这是内网地址；要用请勾选“内网地址”。", "That is a private address; tick “Intranet” to use it.")
    return None


def _literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def may_reach(address: str, *, is_intranet: bool) -> bool:
    """Whether the address may be called: public ones always, private and loopback ones with the switch.

    Never link-local ones, where clouds keep their secrets, nor multicast.
    """
    one: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(one, ipaddress.IPv6Address) and one.ipv4_mapped is not None:
        one = one.ipv4_mapped
    if one.is_link_local or one.is_multicast or one.is_unspecified or (one.is_reserved and not one.is_private):
        return False
    return one.is_global or (is_intranet and (one.is_private or one.is_loopback))


class Resolver(AbstractResolver):
    """Resolves names as usual and gives only addresses that may be reached: what was checked is what is called."""

    def __init__(self, *, is_intranet: bool) -> None:
        self.is_intranet = is_intranet
        self.plain = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of ``host``. Raises Refused when all are out of bounds."""
        found = await self.plain.resolve(host, port, family)
        good = [one for one in found if may_reach(one["host"], is_intranet=self.is_intranet)]
        if not good:
            raise Refused
        return good

    async def close(self) -> None:
        """Nothing is kept open."""
        await self.plain.close()
