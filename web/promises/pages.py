"""What the city promises: the profiles side by side, one with its form, its preview and every version it had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from litestar import Request, Response, get, post
from litestar.params import FromPath

from cases import worklists
from hotline import city, clock, db, people
from hotline.actor import Actor
from hotline.errors import Refusal, Say, conflict, not_found
from hotline.permissions import may
from sla import explain, profiles, promising, targets
from sla.profiles import ALL, Content
from web import forms
from web.access import Who
from web.admin import changes, words
from web.forms import Form
from web.promises import forms as own
from web.promises.forms import Edit
from web.render import render, see_other

PATH = "/promises"
NEED = {"needs": "promise.edit"}
COMMON = Say("各类通用", "The same for all")
KINDS = {"enquiry": Say("咨询", "enquiries"), "report": Say("举报", "reports"), "praise": Say("表扬", "praise"),
         "suggestion": Say("建议", "suggestions")}  # fmt: skip
_Request: TypeAlias = Request[Any, Any, Any]


@get(PATH, opt=NEED)
async def index(request: _Request, actor: Who) -> Response[str]:
    """Every profile with its stages, its extension, the law, the version, and what uses it."""
    snapshot = city.current()
    book = targets.of(snapshot)
    async with db.reading() as connection:
        running = await promising.running(connection)
        waiting = await worklists.count(connection, actor, "extensions") if may(actor, "extension.decide") else None
    columns = [one for one in targets.STAGES if any(one in p.stages for p in book.profiles.values())]
    return render(
        request, "promises/index.html", book=book, columns=columns, stages=targets.STAGES, uses=uses,
        running=running, waiting=waiting, amount_of=explain.amount_of, extension_say=promising.extension_say,
        planned=_planned(), statutes=snapshot.statutes, tabs=words.tabs(actor, PATH),
    )  # fmt: skip


def _planned() -> dict[str, city.PromiseVersion]:
    """Versions that are not in force yet, by profile."""
    day = clock.today()
    return {one.profile: one for one in city.current().promises if one.effective_from > day}


def uses(code: str) -> list[Say]:
    """Who gets the profile: urgent cases, kinds, matters, statutes."""
    snapshot = city.current()
    found = []
    if code == ALL:
        return [Say("所有件", "every case")]
    if code == "EMG2H":
        found.append(Say("特急件，不论类型", "critical cases of whatever kind"))
    found += [KINDS[kind] for kind, profile in targets.BY_KIND.items() if profile == code]
    if n := sum(one.profile == code for one in snapshot.matters.values()):
        found.append(Say(f"{n} 个事项", f"{n} matter{'' if n == 1 else 's'}"))
    found += [one.name for one in snapshot.statutes.values() if one.profile == code and one.is_on]
    return found


@get(PATH + "/{code:str}", opt=NEED)
async def record(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """One profile with its form and every version it had."""
    return await _shown(request, actor, code)


@post(PATH + "/{code:str}", opt=NEED, status_code=200)
async def change(request: _Request, actor: Who, code: FromPath[str]) -> Response[str]:
    """Show what a version would mean (``step`` preview), or keep it: promises begun from its day on follow it."""
    name_of(code)
    form = await forms.read(request, Edit)
    content = own.read(code, form)
    try:
        if not form.is_good:
            promising_faults(code, content, form)
            return await _shown(request, actor, code, form=form, status=422)
        good = form.good
        begins = good.effective_from or clock.today()
        promising.checked(code, content, begins)
        if changes.is_preview(form):
            return await _shown(request, actor, code, form=form, preview=content)
        number = await _keep(actor, code, content, good)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        form.take(refusal)
        return await _shown(request, actor, code, form=form, status=refusal.status)
    await changes.renew()
    said = Say(f"已存为第 {number} 版，{begins} 起用；正在走的期限不变。",
               f"Kept as version {number}, in force from {begins}; running promises stay.")  # fmt: skip
    return see_other(request, f"{PATH}/{code}", flash=said)


def promising_faults(code: str, content: Content, form: Form[Edit]) -> None:
    """Say all that is wrong at once: the fields that were not understood and the rules that forbid the rest."""
    typed = dict(form.errors)
    try:
        promising.checked(code, content, clock.today())
    except Refusal as refusal:
        form.errors.update({name: say for name, say in refusal.fields.items() if name and name not in typed})


async def _keep(actor: Actor, code: str, content: Content, good: Edit) -> int:
    begins = good.effective_from or clock.today()
    async with db.atomic() as connection:
        await connection.execute("SELECT version FROM city_version FOR UPDATE")
        last = await connection.fetchval("SELECT max(version) FROM promise_version WHERE profile = $1", code)
        if (last or 1) != good.version:
            raise conflict(
                "changed_meanwhile",
                "别人刚存了新的一版，您写的还在下面。请看版本记录，再点一次就按您写的存。",
                "Somebody has just kept a new version. What you wrote is below; see the versions, then save again.",
            )
        number = await promising.keep(connection, actor, code, content, begins=begins, note=good.note.strip())
        told = promising.differences(promising.history(code)[0].content, content)
        await changes.note(
            connection, actor, "promise_set", f"promise:{code}", {}, on=begins, number=number,
            told=[[one.zh, one.en] for one in told],
        )  # fmt: skip
    return number


def name_of(code: str) -> Say:
    """The profile's name; 404 for one that is not there."""
    if code == ALL:
        return COMMON
    if code not in targets.PROFILES:
        raise not_found()
    return targets.PROFILES[code].name


async def _shown(
    request: _Request, actor: Actor, code: str, *, form: Form[Edit] | None = None, preview: Content | None = None,
    status: int = 200,
) -> Response[str]:
    name = name_of(code)
    await city.refresh()
    past = promising.history(code)
    if form is not None and status == 409:
        form.typed["version"] = [str(past[0].number)]
    async with db.reading() as connection:
        running = await promising.running(connection)
    names = await people.names({one.row.by for one in past if one.row is not None})
    return render(
        request, "promises/profile.html", region="#r-profile", status=status,
        focus="#r-errors" if status != 200 else "#r-preview" if preview is not None else "",
        code=code, name=name, form=form or own.begin(past[0].content, past[0].number), past=past, names=names,
        stages=targets.STAGES, offered=own.stages_of(code), units=profiles.UNITS, deciders=profiles.DECIDERS,
        laws=own.laws(), is_common=code == ALL, uses=uses(code), running=_runs(running, code),
        in_force=_in_force(past), preview=_previewed(code, preview, past),
        tabs=words.tabs(actor, PATH), **_tellers(),
    )  # fmt: skip


def _tellers() -> dict[str, Any]:
    return {"amount_of": explain.amount_of, "extension_say": promising.extension_say}


def _runs(running: dict[str, int], code: str) -> int:
    return sum(running.values()) if code == ALL else running.get(code, 0)


def _in_force(past: Sequence[promising.Version]) -> int:
    """The number of the version that holds today."""
    day = clock.today()
    live = [one for one in past if one.row is None or one.row.effective_from <= day]
    return max(live, key=lambda one: (one.row.effective_from.toordinal() if one.row else 0, one.number)).number


def _previewed(code: str, content: Content | None, past: Sequence[promising.Version]) -> dict[str, Any] | None:
    if content is None:
        return None
    changes_now = promising.differences(past[0].content, content)
    return {"changes": changes_now, "compared": promising.compared(code, content)}


ROUTES: list[Any] = [index, record, change]
