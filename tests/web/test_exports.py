"""An export of the whole ledger through HTTP: a reason, a second person, sealed on disk, logged, and proven again."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from cases import exports, seals
from hotline import clock, db, verify
from tests import builders as b
from tests.web import house
from tests.web.administration import instead, noted

pytestmark = pytest.mark.anyio
ASKED = {"reason": "依《数据安全法》移交档案馆", "audiences": ["requester", "staff"]}


@pytest.fixture(scope="module")
async def sealed_case(database: object) -> str:
    """A closed case, sealed."""
    one = await b.a_case("closed")
    await seals.seal_all()
    return one.number


async def made(client: httpx.AsyncClient, asked: dict[str, object] = ASKED) -> str:
    """Asked for by the one at the client, approved by another, made: its address."""
    answer = await house.post(client, "/exports", asked, page="/exports")
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    async with instead(client, "coordination"):
        assert (await house.post(client, f"{path}/approve", {}, page=path)).status_code == 303
    assert await exports.make_asked() == 1
    return str(path)


async def test_it_leaves_the_house_only_after_a_second_person_and_is_proven_again(
    client: httpx.AsyncClient, admin: object, sealed_case: str, tmp_path: Path
) -> None:
    path = await made(client)
    answer = await client.get(f"{path}/file")
    assert answer.status_code == 200
    target = tmp_path / "ledger.zip"
    target.write_bytes(answer.content)
    report = verify.file(target, seals.roots_path())
    assert report.findings == []
    assert report.texts > 0
    assert report.published > 0
    assert "13800000001" not in _whole(answer.content)
    assert b.WORDS in _whole(answer.content)
    kinds = [one.kind for one in await noted(f"ledger_export:{path.rpartition('/')[2]}")]
    assert kinds == [f"ledger_export_{what}" for what in ("downloaded", "ready", "approved", "asked")]
    assert "下载整本账本" in await house.get(client, "/admin/acts")


def _whole(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def _again(source: Path, target: Path, name: str, old: str, new: str) -> None:
    with zipfile.ZipFile(source) as there, zipfile.ZipFile(target, "w") as here:
        for member in there.namelist():
            data = there.read(member)
            here.writestr(member, data.replace(old.encode(), new.encode(), 1) if member == name else data)


async def test_a_changed_text_event_or_member_of_the_archive_is_named(
    client: httpx.AsyncClient, admin: object, sealed_case: str, tmp_path: Path
) -> None:
    source, target = tmp_path / "true.zip", tmp_path / "false.zip"
    source.write_bytes((await client.get(f"{await made(client)}/file")).content)
    for name, old, new, code in (
        ("texts.jsonl", "路灯已修好", "路灯没坏过", "text"),
        ("ledger.jsonl", '\\"matter\\":\\"020201', '\\"matter\\":\\"020202', "edited"),
        ("roots.jsonl", '"no":1', '"no":7', "member"),
    ):  # fmt: skip
        _again(source, target, name, old, new)
        codes = {one.code for one in verify.file(target, seals.roots_path()).findings}
        assert "member" in codes
        assert any(code in one for one in codes), (name, codes)


async def test_on_disk_it_is_sealed_and_after_its_days_it_is_gone(
    client: httpx.AsyncClient, admin: object, sealed_case: str
) -> None:
    path = await made(client)
    kept = exports.path_of(exports.UUID(path.rpartition("/")[2]))
    assert b"PK" not in kept.read_bytes()[:64]
    async with db.atomic() as connection:
        await connection.execute("UPDATE ledger_export SET expires_at = $1", clock.now())
    assert (await client.get(f"{path}/file")).status_code == 410
    assert await exports.make_asked() > 0
    assert not kept.exists()
    assert "已删除" in await house.get(client, path)


async def test_nobody_approves_their_own_or_fetches_anothers_and_a_refusal_has_a_reason(
    client: httpx.AsyncClient, admin: object, sealed_case: str
) -> None:
    path = (await house.post(client, "/exports", ASKED, page="/exports")).headers["location"]
    assert (await house.post(client, f"{path}/approve", {}, page="/exports")).status_code == 403
    async with instead(client, "coordination"):
        answer = await house.post(client, f"{path}/refuse", {}, page=path)
        assert answer.status_code == 422
        assert "不批准要写明理由" in answer.text
        assert (await client.get(f"{path}/file")).status_code == 403
        assert (await house.post(client, f"{path}/refuse", {"answer": "用途不清"}, page=path)).status_code == 303
        assert (await house.post(client, f"{path}/approve", {}, page=path)).status_code == 409
    assert "用途不清" in await house.get(client, path)
    assert (await house.post(client, "/exports", {"reason": ""}, page="/exports")).status_code == 422
    async with instead(client, "dispatcher"):
        assert (await client.get("/exports")).status_code == 403


async def test_names_and_numbers_go_along_only_for_who_may_reveal_them(
    client: httpx.AsyncClient, sealed_case: str, admin: object
) -> None:
    asked = {"reason": "司法机关调取，法院来函", "audiences": ["centre"], "is_personal": "on"}
    assert (await house.post(client, "/exports", asked, page="/exports")).status_code == 403
    async with house.signed_in(client, "admin", "agent"):
        answer = await house.post(client, "/exports", asked, page="/exports")
        assert answer.status_code == 403, "the words of reports would go along"
    async with house.signed_in(client, "admin", "agent", "dispatcher"):
        assert (await house.post(client, f"/exports/{uuid4()}/burn", {}, page="/exports")).status_code == 404
        path = await made(client, asked)
        text = _whole((await client.get(f"{path}/file")).content)
    lines = [json.loads(line) for line in text.splitlines() if '"field":"phone"' in line]
    assert "13800000001" in {one.get("value") for one in lines}
