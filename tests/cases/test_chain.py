"""The ledger's hashes: fixed bytes, no two rows alike, and the tree of RFC 6962."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import chain

CASE = UUID("01936a00-0000-7000-8000-000000000001")
PERSON = UUID("01936a00-0000-7000-8000-000000000002")
AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ROW: dict[str, object] = {
    "prev": chain.START, "case_id": CASE, "seq": 1, "kind": "accepted", "version": 1, "at": AT, "actor": PERSON,
    "actor_kind": "staff", "unit": "HOT", "data": '{"matter":"M001"}',
}  # fmt: skip
OTHER: dict[str, object] = {
    "prev": b"x", "case_id": PERSON, "seq": 2, "kind": "declined", "version": 2, "at": AT + timedelta(microseconds=1),
    "actor": CASE, "actor_kind": "system", "unit": "CGB", "data": '{"matter": "M001"}',
}  # fmt: skip


def test_anyone_can_compute_an_events_hash_with_json_and_sha256() -> None:
    fields = [
        "hotline.event.1", "00" * 32, str(CASE), 1, "accepted", 1, "2026-03-01T08:00:00.000000Z", str(PERSON), "staff",
        "HOT", ROW["data"],
    ]  # fmt: skip
    by_hand = hashlib.sha256(json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()).digest()
    assert chain.event_hash(**ROW) == by_hand  # type: ignore[arg-type]


@pytest.mark.parametrize("field", list(ROW))
def test_every_field_of_an_event_is_hashed(field: str) -> None:
    assert chain.event_hash(**ROW) != chain.event_hash(**{**ROW, field: OTHER[field]})  # type: ignore[arg-type]


def test_the_zone_of_a_moment_does_not_matter_and_a_naive_one_is_refused() -> None:
    there = AT.astimezone(timezone(timedelta(hours=8)))
    assert chain.event_hash(**{**ROW, "at": there}) == chain.event_hash(**ROW)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="time zone"):
        chain.moment(AT.replace(tzinfo=None))


@given(st.tuples(st.text(max_size=5), st.text(max_size=5)), st.tuples(st.text(max_size=5), st.text(max_size=5)))
def test_text_cannot_slide_from_one_field_into_the_next(one: tuple[str, str], two: tuple[str, str]) -> None:
    first = chain.event_hash(**{**ROW, "unit": one[0], "data": one[1]})  # type: ignore[arg-type]
    second = chain.event_hash(**{**ROW, "unit": two[0], "data": two[1]})  # type: ignore[arg-type]
    assert (first == second) == (one == two)


def test_canonical_does_not_care_about_order_and_keeps_chinese() -> None:
    assert chain.canonical({"b": 1, "a": "受理"}) == chain.canonical({"a": "受理", "b": 1}) == '{"a":"受理","b":1}'


def test_a_commitment_binds_value_and_salt() -> None:
    salt = chain.new_salt()
    made = chain.commitment(salt, "路灯坏了")
    assert made.startswith("hmac-sha256:")
    assert made == chain.commitment(salt, "路灯坏了".encode())
    assert made != chain.commitment(salt, "路灯坏了。")
    assert made != chain.commitment(chain.new_salt(), "路灯坏了")


def by_the_book(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_the_book(leaves[:k]) + by_the_book(leaves[k:])).digest()


@pytest.mark.parametrize("size", [*range(18), 31, 32, 33, 100])
def test_the_root_is_that_of_rfc_6962(size: int) -> None:
    leaves = [chain.leaf(bytes([n])) for n in range(size)]
    assert chain.root(leaves) == by_the_book(leaves)


@given(st.integers(1, 70), st.data())
def test_every_leaf_has_a_path_that_checks_and_only_there(size: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, size - 1))
    leaves = [chain.leaf(bytes([i])) for i in range(size)]
    steps, root = chain.path(leaves, n), chain.root(leaves)
    assert chain.check_path(leaves[n], n, size, steps, root)
    assert not chain.check_path(chain.leaf(b"other"), n, size, steps, root)
    assert not chain.check_path(leaves[n], n, size, [*steps, b"x" * 32], root)
    assert not chain.check_path(leaves[n], size, size, steps, root)
    if size > 1:
        assert not chain.check_path(leaves[n], n, size, steps[:-1], root)
        assert not chain.check_path(leaves[n], n ^ 1, size, steps, root)


def test_a_leaf_is_never_an_inner_node() -> None:
    a, b = chain.leaf(b"a"), chain.leaf(b"b")
    assert chain.root([a, b]) != chain.leaf(a + b)


@pytest.mark.parametrize("n", range(7))
def test_every_part_of_a_seal_is_hashed(n: int) -> None:
    seal = [b"p" * 32, "p", 1, 1, 10, b"r" * 32, AT]
    other = [b"q" * 32, "i", 2, 2, 11, b"s" * 32, AT + timedelta(seconds=1)]
    changed = [*seal[:n], other[n], *seal[n + 1 :]]
    assert chain.seal_hash(*seal) != chain.seal_hash(*changed)  # type: ignore[arg-type]
