"""A posted form becomes a msgspec struct, or errors by field beside the text as it was typed.

A struct's field says its label and limits: ``words: Annotated[str, label("发生了什么", "What happened", most=2000)]``.
A field without a default must be filled. Pure but for reading the request.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile

from hotline import clock
from hotline.errors import Refusal, Say
from hotline.ids import new_id
from web import fields

S = TypeVar("S", bound=msgspec.Struct)
_GREATEST = 2**31 - 1
"""The greatest integer of a PostgreSQL column."""
_LISTS: dict[object, type] = {list: list, tuple: tuple, set: set, frozenset: frozenset}


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """How a field is called and what it takes; ``missing`` is the sentence when it is left empty."""

    say: Say
    least: float | None = None
    most: float | None = None
    missing: Say | None = None
    pattern: str = ""
    wrong: Say | None = None


EMAIL = r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+"
"""What passes for an e-mail address in a form; whether it is one, the first message to it shows."""


def label(
    zh: str,
    en: str,
    *,
    least: float | None = None,
    most: float | None = None,
    missing: Say | None = None,
    pattern: str = "",
    wrong: Say | None = None,
) -> Label:
    """A field's label and limits: ``least``/``most`` are characters of a text, the value of a number, a list's count.

    ``missing`` and ``wrong`` replace the general sentences for an empty field and for one that does not fit.
    """
    return Label(say=Say(zh, en), least=least, most=most, missing=missing, pattern=pattern, wrong=wrong)


class Form(Generic[S]):
    """What a form holds on its way to a page and back: the typed text, the errors, the value once all is well."""

    def __init__(self, kind: type[S], typed: dict[str, list[str]]) -> None:
        self.kind = kind
        self.typed = typed
        self.errors: dict[str, Say] = {}
        self.files: dict[str, list[UploadFile]] = {}
        self.value: S | None = None
        self.once = ""
        """The one-time token of the page that posted (``ui.once()``): the key against a double post."""

    @property
    def once_id(self) -> UUID:
        """The id for what a post makes: of its one-time token, so that a double post makes one; else a fresh one."""
        try:
            return UUID(hex=self.once)
        except ValueError:
            return new_id()

    @property
    def is_good(self) -> bool:
        """Everything was understood and nothing is missing."""
        return self.value is not None and not self.errors

    @property
    def good(self) -> S:
        """The value; a 422 refusal with the errors by field when there is none."""
        if self.value is None or self.errors:
            raise Refusal(422, "invalid", Say("有几处要改。", "Some fields need changing."), fields=self.errors)
        return self.value

    def take(self, refusal: Refusal) -> None:
        """Show a verb's refusal in this form: its fields beside their fields, else its sentence in the summary."""
        self.errors.update(refusal.fields or {"": refusal.say})

    def text(self, name: str) -> str:
        """What the field shows."""
        values = self.typed.get(name)
        return values[0] if values else ""

    def has(self, name: str, value: str) -> bool:
        """Whether the choice ``value`` is chosen."""
        return value in self.typed.get(name, ())

    def error(self, name: str) -> Say | None:
        """The sentence beside the field."""
        return self.errors.get(name)

    def say(self, name: str) -> Say:
        """The field's label."""
        return labels(self.kind).get(name, Label(say=Say(name, name))).say

    def is_optional(self, name: str) -> bool:
        """Whether the field may stay empty."""
        return all(f.name != name or not f.required for f in _fields(self.kind))

    def most(self, name: str) -> int | None:
        """The greatest number of characters, for ``maxlength``."""
        most = labels(self.kind).get(name, Label(say=Say(name, name))).most
        return None if most is None else int(most)


def blank(kind: type[S], start: Mapping[str, object] | msgspec.Struct | None = None) -> Form[S]:
    """A form to be filled in, with what is known already as text in its fields."""
    known = msgspec.structs.asdict(start) if isinstance(start, msgspec.Struct) else dict(start or {})
    return Form(kind, {name: _as_typed(value) for name, value in known.items()})


async def read(request: Request[Any, Any, Any], kind: type[S]) -> Form[S]:
    """The posted form as ``kind``; look at ``is_good`` before using ``value`` (or use ``good``, which refuses)."""
    form = parse(kind, await fields.posted(request))
    form.files = await fields.uploads(request)
    return form


def typed(kind: type[S], posted: Mapping[str, list[str]]) -> Form[S]:
    """What is typed so far, which nobody judges yet: ``posted`` without what the page itself adds (``_token`` …)."""
    return Form(kind, {name: list(values) for name, values in posted.items() if not name.startswith("_")})


def parse(kind: type[S], posted: Mapping[str, list[str]]) -> Form[S]:
    """Read ``posted`` (texts by field name) as ``kind``: all errors at once, and nothing raised."""
    form = typed(kind, posted)
    form.once = (posted.get("_once") or [""])[0][:64]
    given: dict[str, Any] = {}
    hints = _hints(kind)
    for field in _fields(kind):
        hint = labels(kind).get(field.name, Label(say=Say(field.name, field.name)))
        values = [value for value in posted.get(field.name, ()) if value]
        inner = _plain(hints[field.name])
        if not values and inner is not bool:
            if field.required and get_origin(inner) not in _LISTS:
                form.errors[field.name] = hint.missing or _missing(hint, inner)
            elif field.required:
                given[field.name] = _LISTS[get_origin(inner)]()
                _limit(form, field.name, hint, given[field.name])
            continue
        try:
            given[field.name] = _value(inner, values)
        except (msgspec.ValidationError, ValueError, OverflowError):
            form.errors[field.name] = hint.wrong or _wrong(hint, inner)
        else:
            _limit(form, field.name, hint, given[field.name])
    if not form.errors:
        form.value = kind(**given)
        check = getattr(form.value, "check", None)
        form.errors.update(check() if check is not None else {})
    return form


@cache
def labels(kind: type[msgspec.Struct]) -> dict[str, Label]:
    """The labels that a struct's fields declare."""
    found: dict[str, Label] = {}
    for name, hint in _hints(kind).items():
        for part in _annotations(hint):
            if isinstance(part, Label):
                found[name] = part
    return found


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Once a kind: msgspec evaluates every annotation anew, which was a quarter of the time of a call being typed."""
    return msgspec.structs.fields(kind)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _annotations(hint: object) -> tuple[object, ...]:
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def _plain(hint: Any) -> Any:
    """The type without Annotated and without "or None"."""
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        rest = [part for part in get_args(hint) if part is not type(None)]
        if len(rest) == 1:
            # Three radios (yes, no, not known) are a bool that may be None; a tick box is a plain bool.
            return _Tri if rest[0] is bool else _plain(rest[0])
    return hint


class _Tri:
    """Yes, no, or left open."""


def _value(kind: Any, values: list[str]) -> Any:
    if kind is bool:
        return bool(values) and values[-1].lower() not in ("0", "false", "no", "off")
    if kind is _Tri:
        return {"yes": True, "1": True, "true": True, "no": False, "0": False, "false": False}.get(values[-1].lower())
    if get_origin(kind) in _LISTS:
        inner = _plain(get_args(kind)[0])
        return _LISTS[get_origin(kind)](_value(inner, [value]) for value in values)
    text = values[-1]
    if kind is str:
        return text
    if kind is datetime:
        moment = datetime.fromisoformat(text)
        return clock.utc(moment if moment.tzinfo else moment.replace(tzinfo=clock.CITY_ZONE))
    if kind is float:
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number
    number_or_choice = msgspec.convert(text, kind, strict=False)
    if kind is int and abs(number_or_choice) > _GREATEST:
        raise ValueError(text)
    return number_or_choice


def _as_typed(value: object) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return ["yes"]
    if isinstance(value, list | tuple | set | frozenset):
        return [text for part in value for text in _as_typed(part)]
    if isinstance(value, datetime):
        return [clock.local(value).strftime("%Y-%m-%dT%H:%M")]
    return [str(value)]


def _limit(form: Form[S], name: str, hint: Label, value: Any) -> None:
    zh, en = hint.say
    least, most = hint.least, hint.most
    if isinstance(value, str):
        size, unit_zh, unit_en = float(len(value)), "字", "characters"
        if hint.pattern and not re.fullmatch(hint.pattern, value):
            form.errors[name] = hint.wrong or Say(f"“{zh}”写得不对，请核对。", f"“{en}” does not look right; check it.")
            return
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if (least is not None and value < least) or (most is not None and value > most):
            form.errors[name] = hint.wrong or _between(hint)
        return
    elif isinstance(value, list | tuple | set | frozenset):
        size, unit_zh, unit_en = float(len(value)), "项", "choices"
    else:
        return
    if most is not None and size > most:
        form.errors[name] = Say(
            f"“{zh}”最多 {most:g} {unit_zh}，现在 {size:g} {unit_zh}。",
            f"“{en}” takes at most {most:g} {unit_en}; it has {size:g}.",
        )
    elif least is not None and size < least:
        form.errors[name] = hint.missing or Say(
            f"“{zh}”至少 {least:g} {unit_zh}。", f"“{en}” needs at least {least:g} {unit_en}."
        )


def _between(hint: Label) -> Say:
    zh, en = hint.say
    low = "" if hint.least is None else f"{hint.least:g}"
    high = "" if hint.most is None else f"{hint.most:g}"
    if low and high:
        return Say(f"“{zh}”要在 {low} 到 {high} 之间。", f"“{en}” must be between {low} and {high}.")
    if low:
        return Say(f"“{zh}”不能小于 {low}。", f"“{en}” must be {low} or more.")
    return Say(f"“{zh}”不能大于 {high}。", f"“{en}” must be {high} or less.")


def _missing(hint: Label, kind: Any) -> Say:
    zh, en = hint.say
    if get_origin(kind) is Literal or kind is _Tri or kind is UUID:
        return Say(f"还没选“{zh}”，请选一项。", f"Choose “{en}”.")
    return Say(f"还没写“{zh}”，请填写。", f"Enter “{en}”.")


def _wrong(hint: Label, kind: Any) -> Say:
    zh, en = hint.say
    if kind in (int, float):
        return Say(f"“{zh}”请写数字。", f"Enter “{en}” as a number.")
    if kind in (date, datetime):
        return Say(f"“{zh}”请写日期，如 2026-11-27。", f"Enter “{en}” as a date, such as 2026-11-27.")
    return Say(f"“{zh}”请从列出的里面选。", f"Choose “{en}” from the list.")
