"""Texts that leave by Twilio, what its refusals mean; pictures fetched from Twilio alone, cleaned, or missed aloud."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from channels import arrivals, media, reading, twilio_send
from channels.carrier import Later, Never, NotSentError, Outgoing, Silent
from channels.heard import Heard, Medium
from channels.media import Gone
from hotline import clock, db, files, jobs, settings, vault
from hotline.errors import Refusal, Say
from hotline.simulate.standin import StandIn
from tests import standins

pytestmark = pytest.mark.anyio
_numbers = itertools.count(1)


@pytest.fixture
async def standin(database: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StandIn]:
    """A Twilio that answers, with the settings that point at it."""
    before = settings.current()
    monkeypatch.setattr(jobs, "nudge_soon", lambda _: None)
    async with standins.opened() as one:
        settings.use(one.settings(before))
        yield one
        await twilio_send.close()
    settings.use(before)


def a_message(address: str = "13800000001") -> Outgoing:
    """A text on its way out."""
    return Outgoing(id=uuid4(), key="k", channel="sms", address=address, text="【邯郸12345】您的来件已收到。")


@pytest.mark.parametrize(("address", "dialled"), [
    ("13800000001", "+8613800000001"), ("03101234567", "+863101234567"), ("+14155550000", "+14155550000"),
])  # fmt: skip
async def test_a_text_leaves_as_the_world_dials_it_and_its_id_comes_back(
    standin: StandIn, address: str, dialled: str
) -> None:
    sid = await twilio_send.send(a_message(address))
    [sent] = standin.twilio.sent
    assert (sent.to, sent.body, sid[:2]) == (dialled, "【邯郸12345】您的来件已收到。", "SM")


@pytest.mark.parametrize(
    ("status", "code", "kind", "told"),
    [
        (429, 20429, Later, "20429"), (500, 20500, Later, "500"), (503, 0, Later, "503"), (401, 20003, Later, "20003"),
        (400, 21211, Never, "21211"), (400, 21614, Never, "21614"), (400, 21408, Never, "21408"),
        (400, 21610, Silent, "21610"), (400, 30001, Later, "30001"), (404, 20404, Never, "20404"),
    ],
)  # fmt: skip
async def test_each_refusal_means_later_never_or_silence(
    standin: StandIn, status: int, code: int, kind: type[NotSentError], told: str
) -> None:
    standin.twilio.fail(status, code)
    with pytest.raises(NotSentError) as refused:
        await twilio_send.send(a_message())
    assert type(refused.value) is kind
    assert refused.value.code == told


async def test_a_twilio_that_is_away_or_hangs_is_for_later(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    import aiohttp
    import msgspec

    await twilio_send.close()
    monkeypatch.setattr(twilio_send, "PATIENCE", aiohttp.ClientTimeout(total=0.3))
    standin.twilio.slow(2, times=1)
    with pytest.raises(Later):
        await twilio_send.send(a_message())
    settings.use(msgspec.structs.replace(settings.current(), twilio_url="http://127.0.0.1:9"))
    with pytest.raises(Later) as refused:
        await twilio_send.send(a_message())
    assert "127.0.0.1" not in refused.value.code


@pytest.mark.parametrize("url", [
    "http://169.254.169.254/latest/meta-data", "https://api.twilio.com.evil.cn/x", "file:///etc/passwd",
    "http://api.twilio.com/x", "https://evil.s3.amazonaws.com/media.twiliocdn.com/x", "https://api.twilio.com:22/x", "",
    "https://s3x.s3.amazonaws.com/media.twiliocdn.com/x", "https://s3.evil.cn/media.twiliocdn.com/x", "https://user@127.0.0.1/.twilio.com",
])  # fmt: skip
async def test_a_picture_is_asked_of_twilio_and_of_nobody_else(standin: StandIn, url: str) -> None:
    with pytest.raises(Gone):
        await twilio_send.fetch(Medium(kind="image", url=url))


async def sent_with(picture: Medium) -> Any:
    """A request that came with this; its row."""
    n = next(_numbers)
    await arrivals.store(Heard(
        channel="sms", provider_id=f"SM{n}", sender=f"135{n:08d}", at=clock.now(), words="丛台区和平路的路灯不亮",
        media=(picture,),
    ))  # fmt: skip
    await reading.read_all()
    async with db.reading() as connection:
        return await connection.fetchrow(
            "SELECT r.* FROM request r JOIN arrival a ON a.case_id = r.case_id WHERE a.provider_id = $1", f"SM{n}"
        )


async def medium_of(request: Any) -> Any:
    """What is known of what it came with."""
    async with db.reading() as connection:
        return await connection.fetchrow("SELECT * FROM medium WHERE request_id = $1", request["id"])


async def test_a_picture_is_fetched_cleaned_and_put_to_its_request(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    png = standins.a_picture()
    data = png.data if hasattr(png, "data") else png

    async def fetch(_: Medium) -> tuple[bytes, str, str]:
        return data, "image/png", ""

    monkeypatch.setitem(media.FETCHERS, "sms", fetch)
    request = await sent_with(Medium(kind="image", url="x"))
    assert await media.fetch_due() == 1
    assert await media.fetch_due() == 0
    async with db.reading() as connection:
        [kept] = await files.of(connection, "request", [request["id"]])
    assert (kept.audience, kept.case_id) == ("requester", request["case_id"])
    assert kept.media_type.startswith("image/")
    assert (await medium_of(request))["source"] is None


@pytest.mark.parametrize(
    ("trouble", "state", "code"),
    [(Gone("404"), "lost", "404"), (Refusal(422, "file_disguised", Say("", "")), "refused", "file_disguised")],
)
async def test_what_cannot_be_had_is_said_on_the_case_and_to_its_sender(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch, trouble: Exception, state: str, code: str
) -> None:
    async def fetch(_: Medium) -> Any:
        raise trouble

    monkeypatch.setitem(media.FETCHERS, "sms", fetch)
    request = await sent_with(Medium(kind="image", url="x"))
    await media.fetch_due()
    row = await medium_of(request)
    assert (row["state"], row["error"]) == (state, code)
    async with db.reading() as connection:
        words = await connection.fetch(
            "SELECT value FROM case_text WHERE case_id = $1 AND field = 'words' ORDER BY seq", request["case_id"]
        )
        told = await connection.fetch("SELECT body FROM outbox_message WHERE case_id = $1", request["case_id"])
    assert code in words[-1]["value"]
    texts = [vault.unseal(one["body"], "outbox") for one in told]
    assert len([text for text in texts if "附件没能收下" in text]) == 1
    assert not any("补充已收到" in text for text in texts)


async def test_a_provider_in_trouble_is_asked_again_and_given_up_at_last(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch(_: Medium) -> Any:
        raise TimeoutError

    monkeypatch.setitem(media.FETCHERS, "sms", fetch)
    request = await sent_with(Medium(kind="image", url="x"))
    now = clock.now()
    for n in range(media.TRIES):
        with clock.at(now + timedelta(hours=2 * n)):
            await media.fetch_due()
    assert (await medium_of(request))["state"] == "lost"
