"""Who is visited: the policy of sampling with its versions, what a change would mean, and a draw made again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from cases import policy_effect, visit_policy
from cases.states import KINDS, URGENCIES
from cases.visit_policy import ALWAYS, Policy, Shares
from hotline import city, db, people
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from hotline.work import Work
from web import forms
from web.access import Who
from web.forms import label
from web.render import render, see_other
from web.trying import worked
from web.visits import tabs

AnyRequest = Request[Any, Any, Any]
_PERCENT = Say("请写 0 到 100 的整数。", "Enter a whole number from 0 to 100.")


class Asked(msgspec.Struct, kw_only=True):
    """The form of a new version. ``kinds`` and ``urgencies`` are lists in the order of the catalogue, "" for none."""

    general: Annotated[int, label("一般比例（%）", "General share (%)", least=0, most=100, wrong=_PERCENT)]
    matters: Annotated[str, label("按事项", "By matter", most=2000)] = ""
    always: Annotated[list[str], label("一律回访", "Always visited")] = msgspec.field(default_factory=list)
    note: Annotated[str, label("为什么这样定", "Why", most=500, missing=Say("请写明为什么这样定。", "Say why."))]
    expected: int = 0
    step: str = ""


def _percents(form: forms.Form[Asked], prefix: str, names: Mapping[str, Say]) -> dict[str, int]:
    """The numbers typed beside the kinds or urgencies; what is no percentage is an error beside its field."""
    found = {}
    for name in names:
        text = form.text(f"{prefix}_{name}").strip()
        if not text:
            continue
        if not text.isdecimal() or int(text) > visit_policy.ALL:
            form.errors[f"{prefix}_{name}"] = _PERCENT
        else:
            found[name] = int(text)
    return found


def _matters(form: forms.Form[Asked]) -> dict[str, int]:
    """Lines "0202 50": a matter's code or its beginning, and a percentage."""
    known = city.current().matters
    found = {}
    for line in form.text("matters").splitlines():
        code, _, share = line.replace("，", " ").replace(",", " ").replace("%", "").strip().partition(" ")
        if not code:
            continue
        is_known = any(one.startswith(code) for one in known)
        if not is_known or not share.strip().isdecimal() or int(share) > visit_policy.ALL:
            form.errors["matters"] = Say(
                f"“{line.strip()}”看不懂：每行写事项代码（或开头几位）和比例，如 0202 50。",
                f"“{line.strip()}” is not understood: write a matter's code (or its beginning) and a share, 0202 50.",
            )
        else:
            found[code] = int(share)
    return found


def _shares(form: forms.Form[Asked]) -> Shares:
    """The shares that the form says; the form has the errors when it says none."""
    kinds, urgencies = _percents(form, "kind", KINDS), _percents(form, "urgency", URGENCIES)
    matters = _matters(form)
    good = form.value
    always = tuple(name for name in ALWAYS if good is not None and name in good.always)
    general = good.general if good is not None else visit_policy.ALL
    return Shares(general=general, kinds=kinds, matters=matters, urgencies=urgencies, always=always)


def _start(policy: Policy) -> dict[str, object]:
    shares = policy.shares
    return {
        "general": str(shares.general), "always": list(shares.always), "expected": str(policy.version),
        "matters": "\n".join(f"{code} {share}" for code, share in shares.matters.items()),
        **{f"kind_{name}": str(share) for name, share in shares.kinds.items()},
        **{f"urgency_{name}": str(share) for name, share in shares.urgencies.items()},
    }  # fmt: skip


def _sees_seeds(actor: Actor) -> bool:
    return any(may(actor, need) for need in ("visit.policy", "inspection.plan", "inspection.check"))


async def _show(
    request: AnyRequest, actor: Actor, *, status: int = 200, form: forms.Form[Asked] | None = None,
    effect: policy_effect.Effect | None = None,
) -> Response[str]:  # fmt: skip
    receipt = str(request.query_params.get("receipt", "")).strip()[:40]
    sees = _sees_seeds(actor)
    async with db.reading() as connection:
        versions = await visit_policy.versions(connection)
        again = await policy_effect.again(connection, actor, receipt, versions) if receipt and sees else ()
        above = await tabs.shown(connection, actor, "policy")
    current = versions[0] if versions else visit_policy.EVERYBODY
    names = await people.names({one.by for one in versions if one.by is not None})
    return render(
        request, "visits/policy.html", status=status, current=current, versions=versions, names=names,
        form=form or forms.blank(Asked, _start(current)), kinds=KINDS, urgencies=URGENCIES, always=ALWAYS,
        may_edit=may(actor, "visit.policy"), sees_seeds=sees, effect=effect, receipt=receipt, again=again,
        ground_of=policy_effect.ground, algorithm=visit_policy.ALGORITHM, **above,
    )  # fmt: skip


@get("/visits/policy", opt={"needs": "visit.read"})
async def policy(request: AnyRequest, actor: Who) -> Response[str]:
    """The policy that holds, its versions; ``receipt`` makes the draws of a request again."""
    return await _show(request, actor)


@post("/visits/policy", opt={"needs": "visit.policy"}, status_code=200)
async def change(request: AnyRequest, actor: Who) -> Response[str]:
    """A new version; with ``step`` preview only what it would have meant for the last days."""
    form = await forms.read(request, Asked)
    shares = _shares(form)
    if not form.is_good:
        return await _show(request, actor, status=422, form=form)
    if form.good.step == "preview":
        async with db.reading() as connection:
            effect = await policy_effect.of(connection, shares)
        return await _show(request, actor, form=form, effect=effect)

    async def keep(w: Work, given: Asked) -> Policy:
        return await visit_policy.change(w, shares, given.note, expected=given.expected)

    status, made = await worked(actor, form, keep)
    if made is None:
        return await _show(request, actor, status=status, form=form)
    said = Say(f"第 {made.version} 版已生效，往后审核通过的按它抽。", f"Version {made.version} holds from now on.")
    return see_other(request, "/visits/policy", flash=said)


ROUTES = [policy, change]
