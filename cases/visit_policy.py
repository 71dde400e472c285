"""Which share of the requests is visited: versions of the city's policy, and draws that anybody can draw again.

The draw of a request under a seed is SHA-256("hotline.visit.1:" + seed + ":" + request id): its first eight hex digits
as a number, modulo 10,000. It is visited when that is below a hundred times the percentage of its ground.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from cases.events_visit import Draw
from cases.file import CaseFile
from cases.rows import CaseRow, RequestRow
from cases.states import SUPERVISED
from hotline import acts, city, db
from hotline.errors import Say, conflict, invalid
from hotline.work import Work

ALGORITHM = "hotline.visit.1"
ALL = 100
ALWAYS: dict[str, Say] = {
    "report": Say("举报件", "Reports"),
    "vulnerable": Say("老幼病残等困难群体、涉未成年人", "Vulnerable people and minors"),
    "enterprise": Say("企业诉求", "Enterprises"),
    "repeat": Say("重复诉求、催办过、多人诉求", "Repeats, urged ones, several requesters"),
    "mass": Say("群体诉求", "Mass requests"),
    "risk": Say("敏感件", "Cases with a risk"),
}
"""Groups that a policy may set to be visited without a draw. Supervised and reworked cases always are (rules.md 2)."""
_COLUMNS = "version, at, by, seed, shares, note"
_CURRENT = f"SELECT {_COLUMNS} FROM visit_policy ORDER BY version DESC LIMIT 1"
_OF_CASE = """
    SELECT (data::jsonb ->> 'policy')::int FROM case_event WHERE case_id = $1 AND kind = 'approved' ORDER BY seq DESC
    LIMIT 1
"""
_REPEATS = """
    SELECT count(*) FROM request r JOIN cases c ON c.id = r.case_id
    WHERE r.phone_index = ANY($1::bytea[]) AND c.id <> $2 AND c.matter = $3 AND r.filed_at > $4
"""


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """Percentages by kind, matter (a code or its beginning) and urgency; ``general`` where none of them applies."""

    general: int = ALL
    kinds: Mapping[str, int] = {}
    matters: Mapping[str, int] = {}
    urgencies: Mapping[str, int] = {}
    always: tuple[str, ...] = tuple(ALWAYS)

    @property
    def is_all(self) -> bool:
        """Everybody is visited."""
        return all(one >= ALL for one in (self.general, *self.kinds.values(), *self.matters.values(),
                                          *self.urgencies.values()))  # fmt: skip


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One version. Version 0 is what holds before anybody has set one: all are visited."""

    version: int = 0
    at: datetime | None = None
    by: UUID | None = None
    seed: str = ""
    shares: Shares = Shares()
    note: str = ""


EVERYBODY = Policy()


def _read(record: Mapping[str, object]) -> Policy:
    values = dict(record)
    return Policy(**{**values, "shares": msgspec.json.decode(str(values["shares"]), type=Shares)})  # type: ignore[arg-type]


async def current(connection: db.Connection) -> Policy:
    """The policy that holds."""
    record = await connection.fetchrow(_CURRENT)
    return _read(record) if record is not None else EVERYBODY


async def versions(connection: db.Connection) -> list[Policy]:
    """All versions, the newest first."""
    return [_read(r) for r in await connection.fetch(f"SELECT {_COLUMNS} FROM visit_policy ORDER BY version DESC")]


async def of_case(connection: db.Connection, case_id: UUID) -> int | None:
    """Under which version the case's last result was drawn, if under any."""
    found: int | None = await connection.fetchval(_OF_CASE, case_id)
    return found


def value_of(seed: str, request: UUID) -> int:
    """The draw of a request, 0 to 9999."""
    digest = hashlib.sha256(f"{ALGORITHM}:{seed}:{request}".encode()).hexdigest()
    return int(digest[:8], 16) % 10_000


def share_of(shares: Shares, case: CaseRow, *, is_repeat: bool) -> tuple[int, str]:
    """The percentage for a case and the ground it comes from: the highest of those that apply, else the general one."""
    for name, holds in (
        ("supervised", case.supervision >= SUPERVISED),
        ("rework", case.rework_count > 0),
        ("report", case.kind == "report"),
        ("vulnerable", case.is_vulnerable or case.is_minor),
        ("enterprise", case.is_enterprise),
        ("mass", case.is_mass),
        ("risk", case.flagged_at is not None),
        ("repeat", is_repeat or case.urge_count > 0 or case.request_count > 1),
    ):
        if holds and (name in shares.always or name in {"supervised", "rework"}):
            return ALL, name
    found = [(share, f"kind:{kind}") for kind, share in shares.kinds.items() if kind == case.kind]
    found += [(share, f"urgency:{name}") for name, share in shares.urgencies.items() if name == case.urgency]
    matter = case.matter or ""
    found += [(share, f"matter:{code}") for code, share in shares.matters.items() if matter.startswith(code)]
    return max(found, default=(shares.general, "general"))


async def draws(
    connection: db.Connection, policy: Policy, file: CaseFile, requests: Sequence[RequestRow]
) -> list[Draw]:
    """What the policy draws for these requests of a case; none where it visits everybody."""
    if policy.shares.is_all:
        return []
    share, ground = share_of(policy.shares, file.case, is_repeat=await _is_repeat(connection, file))
    return [
        Draw(request=one.id, share=share, value=value_of(policy.seed, one.id), ground=ground) for one in requests
    ]


async def _is_repeat(connection: db.Connection, file: CaseFile) -> bool:
    """Whether the same number came with the same matter before, within the days of a repeat."""
    known = [r.phone_index for r in file.requests.values() if r.phone_index is not None]
    since = file.case.opened_at - timedelta(days=int(city.current().rule("duplicate.days")))
    return bool(known) and bool(await connection.fetchval(_REPEATS, known, file.case.id, file.case.matter, since))


async def change(work: Work, shares: Shares, note: str, *, expected: int, seed: str = "") -> Policy:
    """Set a new version, with a fresh seed unless one is given. 409 when somebody else has set one meanwhile.

    422 without the sentence that says why. Whatever was drawn stays drawn.
    """
    if not note.strip():
        raise invalid({"note": Say("请写明为什么这样定。", "Say why.")})
    await work.connection.execute("LOCK TABLE visit_policy IN EXCLUSIVE MODE")
    before = await current(work.connection)
    if before.version != expected:
        raise conflict(
            "changed_meanwhile",
            f"已有人改到第 {before.version} 版，请看过再改。",
            f"Somebody has set version {before.version} meanwhile; look at it first.",
        )
    after = Policy(
        version=before.version + 1, at=work.now, by=work.actor.id, seed=seed or secrets.token_hex(16), shares=shares,
        note=note.strip(),
    )  # fmt: skip
    await work.connection.execute(
        f"INSERT INTO visit_policy ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)",
        after.version, after.at, after.by, after.seed, msgspec.json.encode(shares).decode(), after.note,
    )  # fmt: skip
    plain = msgspec.to_builtins(shares)
    await acts.note(work, work.actor, "visit_policy_set", f"visit_policy:{after.version}",
                    {"seed": after.seed, "shares": plain})  # fmt: skip
    return after
