"""A profile's form: amounts with their units by stage, the one extension, the law, from when, why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec

from hotline import city, clock
from hotline.errors import Say
from sla import profiles, targets
from sla.profiles import ALL, Content
from sla.targets import Extension, Target
from web import forms
from web.forms import Form, label

_WHY = Say("请写明为什么改、依据什么文件。", "Say why it changes and by which decision.")


class Edit(msgspec.Struct, kw_only=True):
    """What every profile's form has beside its stages, which stand in ``Form.typed`` as amount.STAGE and unit.STAGE."""

    version: int = 1
    effective_from: Annotated[date | None, label("从哪天起", "From")] = None
    note: Annotated[str, label("为什么改", "Why", most=500, missing=_WHY)]
    most: Annotated[str, label("最多延", "At most", most=10)] = ""
    most_unit: str = "wd"
    by: Annotated[str, label("由谁决定", "Decided by", most=10)] = "centre"
    needs_proof: Annotated[bool, label("须附证明材料", "Proof must be attached")] = False
    law: Annotated[str, label("依据的法条", "Statute it rests on", most=20)] = ""


def stages_of(code: str) -> tuple[str, ...]:
    """The stages that a profile's form offers, in the order in which they come."""
    if code != ALL:
        return tuple(name for name in targets.STAGES if name in profiles.OWN_STAGES)
    common = targets.of(city.current()).common
    return tuple(name for name in targets.STAGES if name in common)


def begin(content: Content, version: int) -> Form[Edit]:
    """The form as the last version has it."""
    one = content.extension
    form = forms.blank(Edit, {
        "version": version, "effective_from": clock.today(), "law": content.law,
        "most": f"{one.most.amount:g}" if one is not None else "",
        "most_unit": one.most.unit if one is not None else "wd",
        "by": one.by if one is not None else "centre", "needs_proof": one is not None and one.needs_proof,
    })  # fmt: skip
    for name, target in content.stages.items():
        form.typed[f"amount.{name}"] = [f"{target.amount:g}"]
        form.typed[f"unit.{name}"] = [target.unit]
    return form


def read(code: str, form: Form[Edit]) -> Content:
    """What the form says; what is no number stands as a fault in ``form.errors``."""
    stages: dict[str, Target] = {}
    for name in stages_of(code):
        text = form.text(f"amount.{name}").strip()
        if text:
            amount = _number(form, f"stage.{name}", text)
            stages[name] = Target(amount, form.text(f"unit.{name}"))
        elif code == ALL:
            form.errors[f"stage.{name}"] = Say("不能空：每件都要有这个时限。", "It cannot be empty: every case has it.")
    if code == ALL:
        return Content(stages=stages)
    return Content(stages=stages, extension=_extension(form), law=form.text("law").strip())


def _extension(form: Form[Edit]) -> Extension | None:
    text = form.text("most").strip()
    if not text:
        return None
    most = Target(_number(form, "extension", text), form.text("most_unit"))
    return Extension(most, form.text("by") or "centre", bool(form.text("needs_proof")))


def _number(form: Form[Any], field: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        form.errors[field] = Say("请写数字。", "Write a number.")
        return 1.0


def laws() -> Mapping[str, Say]:
    """The statutes in force, to choose from."""
    return {code: one.name for code, one in city.current().statutes.items() if one.is_on}
