"""Signatures and encryption of an official account: the vectors, the failing ones, and wechatpy as a second opinion."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import check_signature

from channels import wechat_crypto as crypto
from hotline.errors import Refusal

TOKEN, APP = "123456", "wx49f0ab532d5d035a"
AES_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
ECHO = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
XML = (
    "<xml><ToUserName><![CDATA[gh_961890]]></ToUserName><FromUserName><![CDATA[oCitizen0001]]></FromUserName>"
    "<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[丛台路路灯不亮]]></Content>"
    "<MsgId>23500000000000001</MsgId></xml>"
)
BOX = (
    "9s4gMv99m88kKTh/H8IdkJbKO+B7PdzAkFwys2LlBe3wzXAflIfVCj8zzd4pxK6mKBK83i7H/h3R0Ql2GwJ4pS9C4igdqNZJ7qxaDtoCis2JcoUHuv"
    "L7S7JGRs6VX3/MWjKkqQeD08rGBnZpYYiRhV75F/0W8w8orSYgjfb1L8HVFrGrNtLj2ARcdS55LwpPSyowUEzHYwYCxtE+cjHEU1YfYxuwZZmPxD1t"
    "JRh5e4LRpP1V/1gP/wrgdMdj0l65+LvWav651VPW5N+GdcE1ZolikbAr0VXI41Q9qOnlBijv9UTFJcCrV/yReV3hpfnRNKhkwxGRmlRPFOCXTfnlRk"
    "Na1rIQiQvmSPT/UPu5l7Zbacw7HmiEWySFrThCC5mW1jOvBbNzW5y/xX3/tQEuEL1HWLqJKEbNm+L88AdlUtQ="
)


def test_the_signature_of_a_verification_is_the_vectors() -> None:
    parts = ("handan961890", "1700000000", "1234567890")
    assert crypto.signature(*parts) == "3b239238b3be1aebc97aea14eae0afa331612c79"
    assert crypto.is_signed("3b239238b3be1aebc97aea14eae0afa331612c79", *parts)
    assert not crypto.is_signed("3b239238b3be1aebc97aea14eae0afa331612c78", *parts)
    assert not crypto.is_signed("", *parts)
    assert not crypto.is_signed("签名", *parts)


def test_an_encrypted_echo_is_the_vectors_and_another_nonce_fails() -> None:
    signed = "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"
    assert crypto.is_signed(signed, TOKEN, "1411443780", "437374425", ECHO)
    assert not crypto.is_signed(signed, TOKEN, "1411443780", "437374424", ECHO)
    assert crypto.decrypt(ECHO, aes_key=AES_KEY, app=APP) == "5927782489442352469"


def test_encrypting_gives_the_vectors_bytes_and_signature() -> None:
    box = crypto.encrypt(XML, aes_key=AES_KEY, app=APP, random=b"1234567890123456")
    assert box == BOX
    assert crypto.signature(TOKEN, "1700000000", "1234567890", box) == "d9833f4792b42f7f83c08c3f931835917c8a1b8c"
    assert crypto.decrypt(BOX, aes_key=AES_KEY, app=APP) == XML


def test_two_encryptions_of_one_text_differ() -> None:
    assert crypto.encrypt(XML, aes_key=AES_KEY, app=APP) != crypto.encrypt(XML, aes_key=AES_KEY, app=APP)


def test_another_accounts_message_is_refused() -> None:
    for other in ("wx49f0ab532d5d035b", "wx49f0ab532d5d035", "", "中"):
        with pytest.raises(Refusal) as refused:
            crypto.decrypt(BOX, aes_key=AES_KEY, app=other)
        assert (refused.value.status, refused.value.code) == (403, "wrong_app")


def _tampered() -> list[str]:
    sealed = base64.b64decode(BOX)
    return [
        "", "no base64 !", "AAAA", base64.b64encode(sealed[:-16]).decode(), base64.b64encode(sealed[:-1]).decode(),
        base64.b64encode(bytes(96)).decode(),
        base64.b64encode(sealed[:-17] + bytes([sealed[-17] ^ 1]) + sealed[-16:]).decode(),
    ]  # fmt: skip


@pytest.mark.parametrize("box", _tampered())
def test_what_is_no_encrypted_message_is_a_clear_refusal(box: str) -> None:
    with pytest.raises(Refusal) as refused:
        crypto.decrypt(box, aes_key=AES_KEY, app=APP)
    assert refused.value.status in (400, 403)


@given(st.binary(min_size=0, max_size=200))
@settings(max_examples=100, deadline=None)
def test_random_bytes_are_never_more_than_a_refusal(noise: bytes) -> None:
    with pytest.raises(Refusal):
        crypto.decrypt(base64.b64encode(noise).decode(), aes_key=AES_KEY, app=APP)


@pytest.mark.parametrize("key", ["", "short", AES_KEY + "=", AES_KEY[:-1] + "!", "密" * 43])
def test_a_key_of_another_form_is_named(key: str) -> None:
    with pytest.raises(ValueError, match="43 characters"):
        crypto.key_of(key)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_survives_and_wechatpy_reads_it(text: str) -> None:
    box = crypto.encrypt(text, aes_key=AES_KEY, app=APP)
    assert crypto.decrypt(box, aes_key=AES_KEY, app=APP) == text
    signed = crypto.signature(TOKEN, "1700000000", "77", box)
    assert _theirs().decrypt_message({"Encrypt": box}, signed, "1700000000", "77") == text


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=300))
@settings(max_examples=60, deadline=None)
def test_we_read_what_wechatpy_encrypts(text: str) -> None:
    from wechatpy.crypto import PrpCrypto

    box = PrpCrypto(_theirs().key).encrypt(text, APP).decode()
    assert crypto.decrypt(box, aes_key=AES_KEY, app=APP) == text


def test_wechatpys_whole_answer_is_ours_to_read_and_its_refusals_are_ours() -> None:
    from channels import wechat_xml

    sealed = wechat_xml.fields(_theirs().encrypt_message(XML, "437374425", "1411443780"))
    assert crypto.is_signed(sealed["MsgSignature"], TOKEN, sealed["TimeStamp"], sealed["Nonce"], sealed["Encrypt"])
    assert crypto.decrypt(sealed["Encrypt"], aes_key=AES_KEY, app=APP) == XML
    with pytest.raises(InvalidSignatureException):
        _theirs().decrypt_message({"Encrypt": BOX}, "0" * 40, "1700000000", "1234567890")
    stranger = WeChatCrypto(TOKEN, AES_KEY, "wxother")
    signed = "d9833f4792b42f7f83c08c3f931835917c8a1b8c"
    with pytest.raises(InvalidAppIdException):
        stranger.decrypt_message({"Encrypt": BOX}, signed, "1700000000", "1234567890")


def test_wechatpy_takes_our_signature_of_a_verification() -> None:
    check_signature(TOKEN, crypto.signature(TOKEN, "1700000000", "9"), "1700000000", "9")
    with pytest.raises(InvalidSignatureException):
        check_signature(TOKEN, crypto.signature(TOKEN, "1700000000", "8"), "1700000000", "9")


def _theirs() -> Any:
    return WeChatCrypto(TOKEN, AES_KEY, APP)
