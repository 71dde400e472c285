"""Settings with credentials open a door, nothing else does; the doctor says what is missing or must be settled."""

from __future__ import annotations

import sys
import types

import pytest

from channels import advice, doors, outbox
from hotline import settings
from hotline.finding import Finding
from hotline.settings import Settings

TWILIO = {"twilio_account": "AC1", "twilio_token": "t", "twilio_number": "+8610"}
WECHAT = {"wechat_app": "wx1", "wechat_secret": "s"}


async def send(_: object) -> str:
    """A door's ``send``."""
    return "P1"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every provider's module, speaking to nobody; no door is open before."""
    monkeypatch.setattr(outbox, "SENDERS", {})
    for door in doors.DOORS:
        one = types.ModuleType(door.module)
        one.send = send  # type: ignore[attr-defined] # a module made here
        monkeypatch.setitem(sys.modules, door.module, one)


def opened(monkeypatch: pytest.MonkeyPatch, **given: str) -> set[str]:
    """The doors that these settings open."""
    monkeypatch.setattr(settings, "_current", Settings(**given))  # type: ignore[arg-type] # all of them are texts
    doors.open_doors()
    return set(outbox.SENDERS)


@pytest.mark.usefixtures("modules")
def test_credentials_open_their_own_door_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(monkeypatch) == {"webhook"}
    assert opened(monkeypatch, **TWILIO) == {"webhook", "sms"}
    assert opened(monkeypatch, **WECHAT) == {"webhook", "wechat"}
    assert opened(monkeypatch, smtp_url="smtp://host:25", email_from="a@b.cn") == {"webhook", "email"}
    assert opened(monkeypatch, twilio_account="AC1") == {"webhook"}, "half of a provider is none"


def test_a_module_that_is_not_part_of_this_build_leaves_its_door_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "SENDERS", {})
    gone = doors.Door("sms", "channels.no_such_provider", lambda _: True, ("HOTLINE_TWILIO_ACCOUNT",))
    monkeypatch.setattr(doors, "DOORS", (gone,))
    assert opened(monkeypatch) == set()


def found(**given: str) -> dict[str, Finding]:
    """What the doctor says of these settings, by name."""
    return {one.name: one for one in advice.findings(Settings(**given))}  # type: ignore[arg-type] # the same


def test_a_house_without_providers_is_told_what_to_set_and_that_nothing_is_lost() -> None:
    said = found()
    assert set(said) == {"sms", "wechat", "email", "voice"}
    assert {one.level for one in said.values()} == {"warn"}
    assert all(one.mend and "HOTLINE_" in one.mend.zh and "HOTLINE_" in one.mend.en for one in said.values())


@pytest.mark.parametrize("name", ["sms", "voice"])
def test_half_a_provider_is_a_mistake_that_names_the_other_half(name: str) -> None:
    one = found(twilio_account="AC1", twilio_token="t")[name]
    assert one.level == "bad"
    assert one.mend is not None
    assert "HOTLINE_TWILIO_NUMBER" in one.mend.en
    assert "HOTLINE_TWILIO_ACCOUNT" not in one.mend.en


def test_a_carrier_abroad_brings_what_a_chinese_city_must_settle_first() -> None:
    one = found(**TWILIO)["carrier abroad"]
    assert one.mend is not None
    for word in ("个人信息保护法", "数据安全法", "签名和模板", "SIP 中继", "CMPP"):
        assert word in one.mend.zh
    for word in ("Personal Information Protection Law", "Data Security Law", "signatures and templates", "SIP", "CMPP"):
        assert word in one.mend.en
    assert "carrier abroad" not in found(**TWILIO, twilio_url="http://127.0.0.1:9100"), "the stand-in is at home"


def test_wechat_without_template_or_token_and_hooks_without_an_address_are_found() -> None:
    said = found(**WECHAT)
    assert {said[name].level for name in ("wechat template", "wechat token", "public address")} == {"warn", "bad"}
    whole = {**WECHAT, "wechat_template": "T", "wechat_token": "t", "public_url": "https://12345.example.cn"}
    assert found(**whole)["wechat key"].level == "warn", "plain mode"
    assert found(**whole, wechat_aes_key="short")["wechat key"].level == "bad"
    assert set(found(**whole, wechat_aes_key="k" * 43)) == {"sms", "wechat", "email", "voice"}
