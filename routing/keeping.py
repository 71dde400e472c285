"""A trained model as bytes and back: what stands in the database, and the one that comes with the installation."""

from __future__ import annotations

import zlib

import msgspec
import numpy as np

from routing.classifier import Trained

FORM = 1


class Unreadable(ValueError):  # noqa: N818 - it is a state of what was kept
    """The bytes are no model of this release's form."""


class _Kept(msgspec.Struct, array_like=True):
    form: int
    labels: list[str]
    grams: list[str]
    idf: bytes
    weights: bytes
    scale: bytes
    bias: bytes
    heat: float
    bend: tuple[float, float]
    proof: list[tuple[float, bool]]


def pack(trained: Trained) -> bytes:
    """The model as bytes, compressed."""
    grams = sorted(trained.rows, key=trained.rows.__getitem__)
    kept = _Kept(
        FORM, list(trained.labels), grams, trained.idf.astype("<f4").tobytes(), trained.weights.tobytes(),
        trained.scale.astype("<f4").tobytes(), trained.bias.astype("<f4").tobytes(), trained.heat, trained.bend,
        list(trained.proof),
    )  # fmt: skip
    return zlib.compress(msgspec.msgpack.encode(kept), 9)


def unpack(kept: bytes) -> Trained:
    """The inverse of ``pack``. Unreadable for anything else."""
    try:
        one = msgspec.msgpack.decode(zlib.decompress(kept), type=_Kept)
        if one.form != FORM:
            raise Unreadable(f"form {one.form}")
        shape = (len(one.grams), len(one.labels))
        if [len(part) // 4 for part in (one.idf, one.scale, one.bias)] != [shape[0], shape[1], shape[1]]:
            raise Unreadable("lengths")
        return Trained(
            labels=tuple(one.labels), rows={gram: row for row, gram in enumerate(one.grams)},
            idf=np.frombuffer(one.idf, "<f4"), weights=np.frombuffer(one.weights, np.int8).reshape(shape),
            scale=np.frombuffer(one.scale, "<f4"), bias=np.frombuffer(one.bias, "<f4"), heat=one.heat,
            bend=one.bend, proof=tuple(one.proof),
        )  # fmt: skip
    except (zlib.error, msgspec.MsgspecError, TypeError, ValueError) as error:
        raise Unreadable(type(error).__name__) from error
