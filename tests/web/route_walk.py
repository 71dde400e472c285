"""Walks every route as every role: who walks, what stands for a place in an address, and how an answer is classed.

What is expected stands in ``route_table.csv``: a row a route, a column a walker, in each cell one letter, or two where
one's own and somebody else's differ. ``y`` let in, ``f`` let in and told what is wrong with the form, ``n`` may not,
``-`` not there or not theirs, ``i`` sent to sign in.
"""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from litestar.exceptions import LitestarException

from hotline import account_sessions, db, people, sessions
from hotline import actor as actors
from hotline.roles import ROLES
from tests import accounts as citizens
from tests import builders, partnering
from tests.web import house, route_things
from web import access, security

TABLE = Path(__file__).with_name("route_table.csv")
NOBODY, ANYBODY, CITIZEN, PARTNER = "no_role", "anybody", "citizen", "partner"
WALKERS = (*ROLES, NOBODY, ANYBODY, CITIZEN, PARTNER)
OWN, FOREIGN = 0, 1
UNIT, COUNTY, OTHER_UNIT, OTHER_COUNTY = "130403", "130403", "130402", "130402"
OF_UNITS = frozenset({"unit_handler", "unit_head", "unit_deputy", "unit_liaison"})
_NONCE = "0" * 32
_FORM_FAULTS = frozenset({400, 405, 409, 413, 415, 422, 429})
_TOGETHER = 4
PROBE = "/ready"
"""Anybody is let in and told how it stands; whether a worker runs beside the test is no matter here."""


class Route(msgspec.Struct, frozen=True):
    """A method and an address with its places, ``/cases/{number:str}``."""

    method: str
    path: str

    @property
    def key(self) -> str:
        """How the table calls it."""
        return f"{self.method} {re.sub(r':[a-z]+}', '}', self.path)}"


class Walker(msgspec.Struct, frozen=True):
    """Somebody with a browser: the headers that it sends."""

    name: str
    headers: tuple[tuple[bytes, bytes], ...]
    actor: actors.Actor = actors.CITIZEN
    """Whom the session stands for, asked once: at twenty thousand requests it would be most of the time."""


class _Enough(Exception):  # noqa: N818 - not an error: the answer of a stream has begun
    """The rest of the answer is not needed."""


class _Undone(Exception):  # noqa: N818 - not an error: the way out of a transaction
    """Whatever the request wrote is taken back."""


def routes(app: Any) -> list[Route]:
    """Every route and method that the application serves."""
    return [
        Route(method, route.path)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"})
    ]


async def walkers() -> list[Walker]:
    """One person a role, one without any, anybody, a citizen with an account, and a partner with a key."""
    found = [await _staff(role, (role,)) for role in ROLES] + [await _staff(NOBODY, ())]
    account = await citizens.an_account(state="verified")
    async with db.atomic() as connection:
        token = await account_sessions.open_session(connection, account.id, device="computer")
    key = await partnering.a_partner("walk")
    return [
        *found,
        Walker(ANYBODY, _headers("")),
        Walker(CITIZEN, _headers("", f"{access.ACCOUNT}={token}")),
        Walker(PARTNER, (*_headers(""), (b"authorization", f"Bearer {key}".encode()))),
    ]


async def _staff(name: str, roles: tuple[str, ...]) -> Walker:
    is_of_unit = bool(OF_UNITS & set(roles))
    county = COUNTY if "county_office" in roles else ""
    person, _ = await house.a_person(*roles, unit=UNIT if is_of_unit or county else "HOT", jurisdiction=county)
    async with db.atomic() as connection:
        token = await sessions.open_one(connection, person, sessions.Origin(address="127.0.0.1"))
    actor = await people.actor_of(token)
    assert actor is not None
    return Walker(name, _headers(str(person), f"{access.SESSION}={token}"), actor)


def _headers(person: str, *held: str) -> tuple[tuple[bytes, bytes], ...]:
    jar = "; ".join((f"{security.NONCE}={_NONCE}", *held))
    return (
        (b"host", b"testserver.local"), (b"cookie", jar.encode()), (b"accept", b"application/json"),
        (b"x-csrf-token", security.token_of(_NONCE, person).encode()),
        (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"0"),
    )  # fmt: skip


class Things(msgspec.Struct):
    """What stands for a place in an address: for the beginning of an address, one's own and somebody else's."""

    pairs: list[tuple[str, str, str]]

    def address(self, path: str, whose: int) -> str:
        """The address with every place filled; what nothing is known of gets an id that nothing has."""
        for beginning, *pair in self.pairs:
            if path.startswith(beginning) and "{" in path:
                path = path.replace(path[path.index("{") : path.index("}") + 1], pair[whose], 1)
                break
        return re.sub(r"\{\w+:(\w+)\}", lambda found: _MADE_UP[found[1]], path)


_MADE_UP = {"uuid": str(uuid4()), "int": "1", "str": "x", "path": "x", "date": "2026-11-27"}


async def things() -> Things:
    """A case of the own unit and county and one of others, people of both, and what of the city everybody shares."""
    own = (await builders.a_case("dispatched")).number
    other = (await builders.a_case("dispatched", county=OTHER_COUNTY, place="复兴区建设大街")).number
    async with db.reading() as connection:
        units = [
            await connection.fetchval("SELECT lead_unit FROM cases WHERE number = $1", one) for one in (own, other)
        ]
    assert units[OWN] == UNIT, units
    assert units[FOREIGN] not in (None, UNIT), units
    people = [str((await house.a_person("unit_handler", unit=unit))[0]) for unit in (UNIT, OTHER_UNIT)]
    cases = ("/cases/{", "/track/{", "/me/{", "/api/v1/requests/{", "/visits/{", "/visits/ratings/{",
             "/inspections/withdrawals/{", "/ladder/cases/{", "/desk/receipts/{", "/desk/followed/{")  # fmt: skip
    shared = {
        "/admin/units/{": UNIT, "/admin/matters/{": "020201", "/admin/lines/{": "12345",
        "/admin/rules/{": "visit.tries",
        "/county/{": COUNTY, "/promises/{": "GEN5", "/admin/partners/{": "walk", "/rate-a-body/{": UNIT,
    }  # fmt: skip
    return Things([
        *((one, own, other) for one in cases),
        ("/notices/drafts/{", await route_things.a_notice(own), await route_things.a_notice(other)),
        ("/conferences/{", await route_things.a_conference(UNIT), await route_things.a_conference(OTHER_UNIT)),
        ("/bulletins/{", *await route_things.bulletins_of(UNIT, OTHER_UNIT)),
        ("/people/{", *people),
        ("/counties/{", COUNTY, OTHER_COUNTY), ("/board/records/{", UNIT, OTHER_UNIT),
        ("/care/leaders/{", UNIT, OTHER_UNIT),
        *((beginning, one, one) for beginning, one in shared.items()),
    ])  # fmt: skip


async def ask(app: Any, walker: Walker, method: str, address: str, *, writes: bool = True) -> str:
    """The class of the answer; whatever a post ``writes`` is taken back."""
    if method == "GET" or not writes:
        return await _asked(app, walker, method, address)
    found = ""
    try:
        async with db.atomic():
            found = await _asked(app, walker, method, address)
            raise _Undone  # noqa: TRY301 - the transaction's way out
    except _Undone:
        return found


async def _asked(app: Any, walker: Walker, method: str, address: str) -> str:
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": address, "raw_path": address.encode(), "query_string": b"", "root_path": "",
        "headers": list(walker.headers), "client": ("127.0.0.1", 1), "server": ("testserver.local", 80),
        "state": {"actor": walker.actor},
    }  # fmt: skip
    got: dict[str, Any] = {"status": 0, "location": ""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            head = {key.lower(): value.decode() for key, value in message["headers"]}
            got.update(status=message["status"], location=head.get(b"location", ""))
            if head.get(b"content-type", "").startswith("text/event-stream"):
                raise _Enough

    try:
        await app(scope, receive, send)
    except (_Enough, LitestarException):  # the framework's own, around it
        if not got["status"]:
            raise
    return "y" if address == PROBE and got["status"] == 503 else classed(got["status"], got["location"])


def classed(status: int, location: str = "") -> str:
    """The letter of an answer; one of ours that failed is its number."""
    if status == 401 or location.startswith(("/sign-in?next=", "/account/sign-in")):
        return "i"
    if 200 <= status < 400:
        return "y"
    if status in _FORM_FAULTS:
        return "f"
    return {403: "n", 404: "-", 410: "-"}.get(status, str(status))


async def cell(app: Any, walker: Walker, route: Route, made: Things, *, writes: bool) -> str:
    """How this walker fares on this route: with their own, and with somebody else's if there is a difference.

    Who is to be refused ``writes`` nothing: no transaction is spent on it.
    """
    addresses = [made.address(route.path, whose) for whose in (OWN, FOREIGN)]
    own = await ask(app, walker, route.method, addresses[OWN], writes=writes)
    if own in "ni" or addresses[OWN] == addresses[FOREIGN]:
        return own
    foreign = await ask(app, walker, route.method, addresses[FOREIGN])
    return own if own == foreign else own + foreign


async def walked(app: Any, asked: Iterable[Route], walking: list[Walker], made: Things) -> dict[str, dict[str, str]]:
    """The cells of these routes, several routes at a time."""
    left, found, known = list(asked)[::-1], {}, table()

    async def go() -> None:
        while left:
            route = left.pop()
            row = known.get(route.key, {})
            found[route.key] = {
                one.name: await cell(app, one, route, made, writes=row.get(one.name) not in ("n", "i"))
                for one in walking
            }

    await asyncio.gather(*(go() for _ in range(_TOGETHER)))
    return found


def table() -> dict[str, dict[str, str]]:
    """What is expected, by route and walker."""
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {f"{row['method']} {row['path']}": {w: row[w] for w in WALKERS} for row in csv.DictReader(file)}


def write(rows: dict[str, dict[str, str]]) -> None:
    """Write the table, by path."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["method", "path", *WALKERS])
        for key in sorted(rows, key=lambda key: key.split(" ")[::-1]):
            writer.writerow([*key.split(" "), *(rows[key].get(w, "?") for w in WALKERS)])
