"""Keys, encryption of personal fields, the blind index for phones, and the signing of ledger roots.

Keys live in one file of the key folder, outside the data folder and the database (rules.md 10). A sealed field is
``algorithm (1 byte) ‖ key id (4) ‖ nonce (12) ‖ ciphertext and tag``; an index is ``algorithm ‖ key id ‖ HMAC (32)``.
How numbers and names are spelt and masked: ``hotline.masks``.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import os
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hotline import clock, settings
from hotline.errors import Refusal, Say
from hotline.masks import mask_name, mask_phone, normal_phone

__all__ = [
    "KeyMissing", "Keys", "check_signature", "index", "indexes", "keys", "mask_name", "mask_phone", "normal_phone",
    "open_keys", "phone_index", "phone_indexes", "public_key", "reply_index", "reply_indexes",
    "rotate", "seal", "sign", "signing_key_id", "unseal",
]  # fmt: skip

KEY_FILE = "keys.json"
AES_256_GCM, HMAC_SHA256, ED25519 = 1, 2, 3
"""Algorithm ids. SM4-GCM, HMAC-SM3 and SM2 take the next ones."""
_NAMES = {AES_256_GCM: "AES-256-GCM", HMAC_SHA256: "HMAC-SHA256", ED25519: "Ed25519"}
_ID, _NONCE = 4, 12
_HEAD = 1 + _ID


class KeyMissing(Refusal):
    """The key folder lacks a key; the answer is the same wherever one is missing and names it."""

    def __init__(self, key_id: str, folder: Path) -> None:
        zh = f"密钥 {key_id} 不在密钥目录中，这项内容暂时读不了。请管理员把备份的密钥放回密钥目录。"
        en = f"Key {key_id} is not in the key folder; this cannot be read until an administrator puts it back."
        super().__init__(503, "key_missing", Say(zh, en))
        self.key_id = key_id
        self.folder = folder


class Key(msgspec.Struct, frozen=True):
    """One key of the file; ``use`` is seal, index or sign. The last of a use is the current one."""

    id: str
    use: str
    algorithm: str
    made_at: str
    secret: str


class _File(msgspec.Struct):
    version: int
    keys: list[Key]


class Keys:
    """The keys of one key folder, ready for use."""

    def __init__(self, folder: Path, held: list[Key]) -> None:
        self.folder = folder
        self.ids: tuple[str, ...] = tuple(key.id for key in held)
        self._ciphers: dict[bytes, AESGCM] = {}
        self._indexes: dict[bytes, bytes] = {}
        signing: Key | None = None
        for key in held:
            secret = base64.b64decode(key.secret)
            if key.use == "seal":
                self._head = bytes([AES_256_GCM]) + bytes.fromhex(key.id)
                self._ciphers[self._head] = AESGCM(secret)
                self._encrypt = self._ciphers[self._head].encrypt
            elif key.use == "index":
                self._index_head = bytes([HMAC_SHA256]) + bytes.fromhex(key.id)
                self._indexes[self._index_head] = secret
            else:
                signing = key
        if not self._ciphers or not self._indexes or signing is None:
            raise KeyMissing("seal/index/sign", folder)
        self.signing_key_id = signing.id
        self._signer = Ed25519PrivateKey.from_private_bytes(base64.b64decode(signing.secret))

    def seal(self, text: str, context: str) -> bytes:
        """Encrypt ``text``; ``context`` (say ``request.phone``) is bound to it and must be given again to read it."""
        nonce = os.urandom(_NONCE)
        head = self._head
        return head + nonce + self._encrypt(nonce, text.encode(), head + context.encode())

    def unseal(self, data: bytes, context: str) -> str:
        """The text again. Raises KeyMissing, or Refusal "unreadable" when data or context were tampered with."""
        head = bytes(data[:_HEAD])
        cipher = self._ciphers.get(head)
        if cipher is None:
            raise KeyMissing(head[1:].hex() or "?", self.folder)
        nonce, rest = data[_HEAD : _HEAD + _NONCE], data[_HEAD + _NONCE :]
        try:
            return cipher.decrypt(nonce, rest, head + context.encode()).decode()
        except InvalidTag:
            raise _unreadable() from None

    def index(self, value: str) -> bytes:
        """The blind index of ``value`` under the current key: equal values have equal indexes, nothing else shows."""
        return self._index_head + hmac.digest(self._indexes[self._index_head], value.encode(), "sha256")

    def indexes(self, value: str) -> list[bytes]:
        """The blind indexes of ``value`` under every live key, current first: query with ``= ANY($1)``."""
        return [head + hmac.digest(k, value.encode(), "sha256") for head, k in reversed(self._indexes.items())]

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature (64 bytes) of ``data`` by the current signing key."""
        return self._signer.sign(data)

    def public_key(self) -> bytes:
        """The current signing key's public half (32 raw bytes)."""
        return self._signer.public_key().public_bytes_raw()


_current: Keys | None = None


def open_keys(key_dir: Path | None = None, create: bool = False) -> Keys:  # noqa: FBT001, FBT002 - read aloud it is plain
    """Open the keys of ``key_dir`` (the settings' by default) for this process.

    ``create`` only for a new database: made-up keys beside an old one would hide that the real ones are lost.
    Raises KeyMissing when there is no key file.
    """
    global _current  # one process, one key folder
    folder = settings.current().key_dir if key_dir is None else Path(key_dir)
    if create and not (folder / KEY_FILE).exists():
        _write(folder, [_fresh("seal"), _fresh("index"), _fresh("sign")], new=True)
    _current = Keys(folder, _read(folder))
    return _current


def keys() -> Keys:
    """The keys of this process, opened from the settings' key folder on first use."""
    return _current or open_keys()


def rotate(key_dir: Path | None = None, uses: tuple[str, ...] = ("seal", "index")) -> Keys:
    """Add a fresh key for each of ``uses`` and make it current; old ones stay for reading.

    Other processes take the new keys up when they start again. Rows are re-sealed by who holds the table; until
    they are, search by ``indexes()``.
    """
    folder = settings.current().key_dir if key_dir is None else Path(key_dir)
    _write(folder, _read(folder) + [_fresh(use) for use in uses], new=False)
    return open_keys(folder)


def retire(key_id: str, key_dir: Path | None = None) -> Keys:
    """Take a key out of the file once nothing is sealed or indexed under it any more (end of a rotation)."""
    folder = settings.current().key_dir if key_dir is None else Path(key_dir)
    held = _read(folder)
    kept = [key for key in held if key.id != key_id]
    if len(kept) == len(held):
        raise KeyMissing(key_id, folder)
    Keys(folder, kept)
    _write(folder, kept, new=False)
    return open_keys(folder)


def seal(text: str, context: str) -> bytes:
    """``Keys.seal`` of this process."""
    return (_current or keys()).seal(text, context)


def unseal(data: bytes, context: str) -> str:
    """``Keys.unseal`` of this process; a key that came since start (a rotation elsewhere) is looked for once."""
    held = _current or keys()
    try:
        return held.unseal(data, context)
    except KeyMissing:
        return open_keys(held.folder).unseal(data, context)


def key_id_of(data: bytes) -> str:
    """The id of the key that sealed or indexed ``data``."""
    return bytes(data[1:_HEAD]).hex()


def index(value: str) -> bytes:
    """``Keys.index`` of this process."""
    return (_current or keys()).index(value)


def indexes(value: str) -> list[bytes]:
    """``Keys.indexes`` of this process."""
    return (_current or keys()).indexes(value)


def phone_index(number: str) -> bytes:
    """The blind index of a phone number in whatever spelling."""
    return index(normal_phone(number))


def phone_indexes(number: str) -> list[bytes]:
    """The blind indexes of a phone number under every live key, for ``phone_index = ANY($1)``."""
    return indexes(normal_phone(number))


def reply_index(door: str, address: str) -> bytes:
    """The blind index of an address other than a telephone number: an openid of ``wechat``, an ``email`` address."""
    return index(f"{door}:{address.strip().lower() if door == 'email' else address}")


def reply_indexes(door: str, address: str) -> list[bytes]:
    """``reply_index`` under every live key, current first, for ``reply_index = ANY($1)``."""
    return indexes(f"{door}:{address.strip().lower() if door == 'email' else address}")


def sign(data: bytes) -> bytes:
    """``Keys.sign`` of this process."""
    return keys().sign(data)


def public_key() -> bytes:
    """``Keys.public_key`` of this process."""
    return keys().public_key()


def signing_key_id() -> str:
    """The id of the key that ``sign`` uses."""
    return keys().signing_key_id


def public_keys() -> dict[str, bytes]:
    """Every signing key's id and public half (32 raw bytes): old seals stay checkable after a rotation."""
    folder = keys().folder
    private = Ed25519PrivateKey.from_private_bytes
    return {
        key.id: private(base64.b64decode(key.secret)).public_key().public_bytes_raw()
        for key in _read(folder)
        if key.use == "sign"
    }


def check_signature(public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether ``signature`` is that of ``data`` by the holder of ``public`` (32 raw bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _fresh(use: str) -> Key:
    algorithm = {"seal": AES_256_GCM, "index": HMAC_SHA256, "sign": ED25519}[use]
    secret = base64.b64encode(os.urandom(32)).decode()
    return Key(os.urandom(_ID).hex(), use, _NAMES[algorithm], clock.now().isoformat(timespec="seconds"), secret)


def _read(folder: Path) -> list[Key]:
    try:
        held = msgspec.json.decode((folder / KEY_FILE).read_bytes(), type=_File)
    except FileNotFoundError:
        raise KeyMissing(KEY_FILE, folder) from None
    for key in held.keys:
        if key.algorithm not in _NAMES.values():
            raise KeyMissing(f"{key.id} ({key.algorithm})", folder)
    return held.keys


def _write(folder: Path, held: list[Key], *, new: bool) -> None:
    """Replace the key file durably; with ``new`` another process's file that came first is left standing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f".{KEY_FILE}.{os.urandom(4).hex()}"
    body = msgspec.json.format(msgspec.json.encode(_File(1, held)), indent=1)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123 - its mode from the first byte
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    try:
        if new:
            with contextlib.suppress(FileExistsError):
                os.link(draft, folder / KEY_FILE)
        else:
            draft.replace(folder / KEY_FILE)
    finally:
        draft.unlink(missing_ok=True)
    entry = os.open(folder, os.O_RDONLY)
    os.fsync(entry)
    os.close(entry)


def _unreadable() -> Refusal:
    zh = "这项加密内容与记录对不上，可能被改动过。请管理员检查。"
    en = "This encrypted field does not belong here or was altered. An administrator must look at it."
    return Refusal(500, "unreadable", Say(zh, en))
