"""The vault: sealed fields, the blind index, rotation, and what is said when a key is missing."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import masks, vault
from hotline.errors import Refusal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    vault.open_keys(tmp_path / "keys", create=True)
    return tmp_path / "keys"


def test_the_key_file_is_its_owners_alone(folder: Path) -> None:
    file = folder / vault.KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [entry.name for entry in folder.iterdir()] == [vault.KEY_FILE]


def test_a_sealed_text_comes_back_and_says_nothing_meanwhile(folder: Path) -> None:
    one, two = vault.seal("王小明", "request.name"), vault.seal("王小明", "request.name")
    assert vault.unseal(one, "request.name") == vault.unseal(two, "request.name") == "王小明"
    assert one != two
    assert "王".encode() not in one
    assert one[0] == vault.AES_256_GCM
    assert vault.key_id_of(one) in vault.keys().ids


def test_a_field_moved_to_another_place_does_not_open(folder: Path) -> None:
    sealed = vault.seal("13800000001", "request.phone")
    with pytest.raises(Refusal) as refusal:
        vault.unseal(sealed, "request.name")
    assert refusal.value.code == "unreadable"


@pytest.mark.parametrize("at", [5, 12, 20, -1])
def test_a_changed_byte_does_not_open(folder: Path, at: int) -> None:
    sealed = bytearray(vault.seal("13800000001", "request.phone"))
    sealed[at] ^= 1
    with pytest.raises(Refusal) as refusal:
        vault.unseal(bytes(sealed), "request.phone")
    assert refusal.value.code == "unreadable"


def test_a_missing_key_is_named_in_both_languages(folder: Path, tmp_path: Path) -> None:
    sealed = vault.seal("王小明", "request.name")
    vault.open_keys(tmp_path / "others", create=True)
    with pytest.raises(vault.KeyMissing) as missing:
        vault.unseal(sealed, "request.name")
    assert missing.value.key_id == vault.key_id_of(sealed)
    assert missing.value.key_id in missing.value.say.zh
    assert missing.value.key_id in missing.value.say.en


def test_no_key_file_is_an_answer_and_none_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(vault.KeyMissing):
        vault.open_keys(tmp_path / "lost")
    assert not (tmp_path / "lost" / vault.KEY_FILE).exists()


def test_opening_again_keeps_the_keys(folder: Path) -> None:
    sealed = vault.seal("王", "x")
    vault.open_keys(folder, create=True)
    assert vault.unseal(sealed, "x") == "王"


def test_rotation_reads_the_old_and_finds_both(folder: Path) -> None:
    sealed, found = vault.seal("王", "x"), vault.phone_index("13800000001")
    vault.rotate(folder)
    assert vault.unseal(sealed, "x") == "王"
    assert vault.key_id_of(vault.seal("王", "x")) != vault.key_id_of(sealed)
    assert vault.phone_index("13800000001") != found
    assert vault.phone_indexes("13800000001") == [vault.phone_index("13800000001"), found]


def test_a_retired_key_no_longer_opens_anything(folder: Path) -> None:
    sealed = vault.seal("王", "x")
    vault.rotate(folder)
    vault.retire(vault.key_id_of(sealed), folder)
    with pytest.raises(vault.KeyMissing):
        vault.unseal(sealed, "x")


def test_the_last_key_of_a_use_cannot_be_retired(folder: Path) -> None:
    only = vault.key_id_of(vault.seal("王", "x"))
    with pytest.raises(vault.KeyMissing):
        vault.retire(only, folder)
    assert vault.open_keys(folder).seal("王", "x")


def test_a_process_that_slept_through_a_rotation_still_reads(folder: Path) -> None:
    sleeper = vault.keys()
    vault.rotate(folder)
    sealed = vault.seal("王", "x")
    vault._current = sleeper
    assert vault.unseal(sealed, "x") == "王"


def test_an_unknown_algorithm_is_refused_rather_than_guessed(folder: Path) -> None:
    file = folder / vault.KEY_FILE
    held = json.loads(file.read_text())
    held["keys"][0]["algorithm"] = "SM4-GCM"
    file.write_text(json.dumps(held))
    with pytest.raises(vault.KeyMissing, match="SM4-GCM"):
        vault.open_keys(folder)


def test_a_signature_holds_for_its_data_and_key_only(folder: Path, tmp_path: Path) -> None:
    signature, public = vault.sign(b"root"), vault.public_key()
    assert vault.check_signature(public, signature, b"root")
    assert not vault.check_signature(public, signature, b"toor")
    vault.rotate(folder, uses=("sign",))
    assert not vault.check_signature(vault.public_key(), signature, b"root")
    assert public in vault.public_keys().values()


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("１３８-0000　0001", "13800000001"),
        ("+86 138 0000 0001", "13800000001"),
        ("0086-13800000001", "13800000001"),
        ("013800000001", "13800000001"),
        ("(0310) 311-2345 转 801", "03103112345"),
        ("+86 310 3112345", "03103112345"),
        ("+86 0310 3112345", "03103112345"),
        ("+1 (415) 555-1234", "+14155551234"),
        ("没有", ""),
    ],
)
def test_one_number_has_one_spelling(typed: str, number: str) -> None:
    assert masks.normal_phone(typed) == number


@given(st.text())
def test_normalising_twice_changes_nothing(typed: str) -> None:
    once = masks.normal_phone(typed)
    assert masks.normal_phone(once) == once


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_masked_number_hides_its_middle(number: str) -> None:
    assert masks.mask_phone(number) == f"{number[:3]}****{number[-4:]}"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王**"),
        ("王明", "王*"),
        ("欧阳小明", "欧阳**"),
        ("John Smith", "J***"),
        ("买买提·吐尔逊", "买**"),
        ("", ""),
    ],
)
def test_a_masked_name_keeps_the_family_name(name: str, masked: str) -> None:
    assert masks.mask_name(name) == masked
