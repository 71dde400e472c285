"""The spool: on the disk before the answer, in order, by several writers, torn or full, handed over once it can be."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from channels import spool
from hotline import settings, vault
from hotline.errors import Refusal

pytestmark = pytest.mark.anyio


@pytest.fixture
def taken(database: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What the handler of the kind "test" was handed, in order; the folder is empty before and after."""
    found: list[bytes] = []

    async def take(payload: bytes, at: datetime) -> None:
        assert at.tzinfo is not None
        found.append(payload)

    monkeypatch.setitem(spool.HANDLERS, "test", take)
    _empty()
    yield found
    _empty()


def _empty() -> None:
    for path in settings.current().spool_dir.glob("*"):
        path.unlink()


def current() -> Path:
    """The file that is written to."""
    return settings.current().spool_dir / spool.CURRENT


async def test_what_is_kept_lies_sealed_on_the_disk_and_is_handed_over_in_its_order(taken: list[bytes]) -> None:
    words = [f"丛台路路灯不亮 {n}".encode() for n in range(250)]
    await asyncio.gather(*(spool.keep("test", one) for one in words))
    assert "路灯" not in current().read_bytes().decode("latin-1")
    assert oct(current().stat().st_mode)[-3:] == "600"
    assert spool.figures() == {"waiting": 250, "damaged": 0}
    assert await spool.drain() == spool.Drained(done=250)
    assert taken == words
    assert not spool.is_waiting()
    assert await spool.drain() == spool.Drained()


def _write(folder: str, keys: str, name: str) -> None:
    from hotline.settings import Settings

    settings.use(Settings(data_dir=Path(folder), key_dir=Path(keys)))
    vault.open_keys()

    async def all_of_them() -> None:
        for n in range(40):
            await spool.keep("test", f"{name}:{n}".encode())

    asyncio.run(all_of_them())


async def test_several_processes_share_the_file_while_another_drains_it(taken: list[bytes]) -> None:
    one = settings.current()
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(str(one.data_dir), str(one.key_dir), f"p{n}")) for n in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        await spool.drain()
        await asyncio.sleep(0.02)
    await spool.drain()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    for n in range(3):
        own = [payload for payload in taken if payload.startswith(f"p{n}:".encode())]
        assert own == [f"p{n}:{k}".encode() for k in range(40)]


async def test_a_torn_last_record_harms_no_other_and_is_reported(
    taken: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    await spool.keep("test", b"first")
    await spool.keep("test", b"torn")
    with current().open("r+b") as file:
        file.truncate(current().stat().st_size - 30)
    await spool.keep("test", b"last")
    assert await spool.drain() == spool.Drained(done=2, damaged=1)
    assert taken == [b"first", b"last"]
    assert spool.figures() == {"waiting": 0, "damaged": 1}
    assert "1 damaged" in caplog.text


async def test_a_record_that_was_tampered_with_is_put_aside(taken: list[bytes]) -> None:
    await spool.keep("test", b"x")
    data = bytearray(current().read_bytes())
    data[40] = ord("A") if data[40] != ord("A") else ord("B")
    current().write_bytes(data)
    assert (await spool.drain()).damaged == 1
    assert taken == []


async def test_a_full_disk_is_said_and_leaves_no_half_record(
    taken: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    await spool.keep("test", b"before")
    real = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) <= 20:
            raise OSError(28, "No space left on device")
        return real(file, data[:20])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(Refusal) as refusal:
            await spool.keep("test", b"lost")
    assert refusal.value.status == 503
    await spool.keep("test", b"after")
    assert await spool.drain() == spool.Drained(done=2)
    assert taken == [b"before", b"after"]


async def test_while_postgresql_stays_away_everything_waits_and_then_comes_again(
    taken: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        await spool.keep("test", str(n).encode())

    async def away(payload: bytes, at: datetime) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setitem(spool.HANDLERS, "test", away)
        with pytest.raises(ConnectionError):
            await spool.drain()
    await spool.keep("test", b"3")
    assert spool.figures()["waiting"] == 4
    assert (await spool.drain()).done == 4
    assert taken == [b"0", b"1", b"2", b"3"]


async def test_what_another_process_knows_how_to_take_is_left_to_it(taken: list[bytes], monkeypatch: Any) -> None:
    await spool.keep("others", b"theirs")
    await spool.keep("test", b"ours")
    assert await spool.drain() == spool.Drained(done=1)
    assert spool.figures() == {"waiting": 1, "damaged": 0}

    async def take(payload: bytes, at: datetime) -> None:
        taken.append(payload)

    monkeypatch.setitem(spool.HANDLERS, "others", take)
    await spool.drain()
    assert taken == [b"ours", b"theirs"]


async def test_only_one_drains_at_a_time(taken: list[bytes]) -> None:
    await spool.keep("test", b"once")
    with spool._alone() as is_mine:
        assert is_mine
        assert await spool.drain() == spool.Drained()
    assert (await spool.drain()).done == 1


def test_the_worker_knows_every_kind_that_may_wait_in_the_spool() -> None:
    import importlib
    import pkgutil

    import channels
    from channels import spool
    from hotline import worker

    for one in pkgutil.iter_modules(channels.__path__, "channels."):
        importlib.import_module(one.name)
    assert set(worker.SPOOLED) == set(spool.HANDLERS)
