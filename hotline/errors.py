"""Refusals: an HTTP status, a code for machines and a sentence in both languages for people."""

from __future__ import annotations

import traceback
from typing import NamedTuple


class Say(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def in_(self, lang: str) -> str:
        """The sentence in ``lang`` ("zh" or "en")."""
        return self.en if lang == "en" else self.zh


class Refusal(Exception):  # noqa: N818 - a refusal is the trade's word, and not every refusal is an error
    """Something that may not be done, said so that the reader knows what to do instead."""

    def __init__(
        self,
        status: int,
        code: str,
        say: Say,
        *,
        fields: dict[str, Say] | None = None,
    ) -> None:
        super().__init__(f"{code}: {say.zh} / {say.en}")
        self.status = status
        self.code = code
        self.say = say
        self.fields = fields or {}


def not_found() -> Refusal:
    """One answer for "does not exist" and "is not yours" (design.md 6.9)."""
    return Refusal(404, "not_found", Say("没有找到，或不归您查看。", "Not found, or not yours to see."))


def forbidden(need: Say) -> Refusal:
    """The signed-in person lacks the permission that ``need`` names in words."""
    return Refusal(
        403,
        "forbidden",
        Say(f"您没有这项权限（{need.zh}），请找管理员。", f"You lack “{need.en}”; ask an administrator."),
    )


def conflict(code: str, zh: str, en: str) -> Refusal:
    """An impossible move, or somebody was faster."""
    return Refusal(409, code, Say(zh, en))


def invalid(fields: dict[str, Say], code: str = "invalid") -> Refusal:
    """Fields to mend, each with its sentence."""
    return Refusal(
        422, code, Say("有几处要改，请看标出的地方。", "Some fields need changing; they are marked."), fields=fields
    )


def too_many(zh: str, en: str) -> Refusal:
    """A limit on tries was reached."""
    return Refusal(429, "too_many", Say(zh, en))


def unavailable() -> Refusal:
    """PostgreSQL or Valkey is away; what was typed stays."""
    return Refusal(
        503,
        "unavailable",
        Say(
            "暂时存不了，内容还在，稍后再点一次。",
            "It cannot be saved just now. What you wrote is kept; try again shortly.",
        ),
    )


def plain(error: BaseException) -> str:
    """A failure as a log may hold it: its kind and where in the code, never its message, for messages quote rows."""
    code = getattr(error, "sqlstate", None) or getattr(error, "code", "")
    return "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__qualname__} {code}".strip()
