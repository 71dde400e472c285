"""What the offline verifier and an event's blinded parts rest on: vectors of others, and sums done by hand."""

from __future__ import annotations

import hashlib
import json
import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import chain, events, offline, shown
from cases.curve import ORDER, signature_holds
from tests.cases.test_chain import AT, CASE, PERSON, ROW

RFC_8032 = (
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
)  # fmt: skip
SALT = bytes(range(16))


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_signatures_of_rfc_8032_hold_and_any_other_byte_does_not(public: str, message: str, signature: str) -> None:
    key, said, signed = (bytes.fromhex(one) for one in (public, message, signature))
    assert signature_holds(key, signed, said)
    assert not signature_holds(key, signed, said + b"x")
    for at in (0, 31, 32, 63):
        assert not signature_holds(key, signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :], said)
    s = int.from_bytes(signed[32:], "little") + ORDER
    assert not signature_holds(key, signed[:32] + s.to_bytes(32, "little"), said), "the same point, spelt another way"
    assert not signature_holds(key[:31], signed, said)


@settings(deadline=None, max_examples=25)
@given(st.binary(max_size=64))
def test_it_agrees_with_the_library_that_signs(message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(os.urandom(32))
    assert signature_holds(key.public_key().public_bytes_raw(), key.sign(message), message)


def _by_hand(*fields: object) -> str:
    return hashlib.sha256(json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def test_anyone_can_compute_a_blinded_events_hash_with_json_and_sha256() -> None:
    data = '{"matter":"M001","texts":{"reply":"hmac-sha256:ab"}}'
    at_value = json.dumps([str(PERSON), "HOT", data], separators=(",", ":"))
    named = {"@": at_value, "matter": '"M001"', "texts.reply": '"hmac-sha256:ab"'}
    made = []
    for name, value in named.items():
        blind = hashlib.sha256(SALT + name.encode()).hexdigest()[:32]
        made.append(_by_hand("hotline.part.2", blind, name, value))
    body = _by_hand("hotline.body.2", "accepted", 1, "2026-03-01T08:00:00.000000Z", "staff", *sorted(made))
    by_hand = _by_hand("hotline.event.2", "00" * 32, str(CASE), 1, body)
    assert chain.event_hash(**{**ROW, "data": data}, salt=SALT).hex() == by_hand  # type: ignore[arg-type]
    assert offline.digest("hotline.body.2", "受理") == _by_hand("hotline.body.2", "受理")


@pytest.mark.parametrize(
    ("field", "other"),
    [("actor", CASE), ("unit", "CGB"), ("data", '{"matter": "M001"}'), ("data", "broken"), ("kind", "declined"),
     ("seq", 2), ("case_id", PERSON), ("at", AT.replace(year=2027)), ("actor_kind", "system"), ("version", 2)],
)  # fmt: skip
def test_every_field_of_a_blinded_event_is_hashed_byte_for_byte(field: str, other: object) -> None:
    assert chain.event_hash(**ROW, salt=SALT) != chain.event_hash(**{**ROW, field: other}, salt=SALT)  # type: ignore[arg-type]
    assert chain.event_hash(**ROW, salt=SALT) != chain.event_hash(**ROW, salt=SALT[::-1])  # type: ignore[arg-type]
    assert chain.event_hash(**ROW, salt=SALT) != chain.event_hash(**ROW)  # type: ignore[arg-type]


def test_a_hidden_part_cannot_be_guessed_from_what_is_shown() -> None:
    one, other = (chain.parts(os.urandom(16), PERSON, "HOT", '{"a":1}') for _ in range(2))
    assert {part.commitment for part in one}.isdisjoint(part.commitment for part in other)
    assert len({part.blind for part in one}) == len(one)


def test_what_a_proof_shows_are_fields_that_exist_and_none_of_them_is_a_person() -> None:
    for kind, names in shown.FIELDS.items():
        held = set(events.KINDS[kind].__struct_fields__)
        assert names <= held, kind
        assert not names & {"filed_by", "account", "actor", "head", "by", "requests", "code"}, kind
    for kind in ("registered", "dispatched", "handled", "visited", "closed"):
        assert shown.FIELDS[kind]
