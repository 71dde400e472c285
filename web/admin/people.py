"""People: the list, a person's record, new people. Roles, passwords and leaving are ``web.admin.access``."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import acts, city, clock, db, people, role_pairs, roster, sessions
from hotline.actor import Actor
from hotline.errors import Say, invalid
from hotline.roles import ROLES
from web import filters, forms
from web.access import Who
from web.admin import changes, sentences, words
from web.forms import Form, label
from web.render import render, see_other

PAGE = 50
LANGUAGES = {"zh": Say("中文", "Chinese"), "en": Say("英文", "English")}
ROLE_CHOICES = {code: say for code, (say, _) in ROLES.items()}
_NAME = label("姓名", "Name", most=60, missing=Say("还没写姓名。", "Enter the name."))
_UNIT = label("单位", "Unit")
_COUNTY = label("县区范围", "County")
_LANG = label("语言", "Language")
PASSWORD = label(
    "密码", "Password", least=people.LEAST_PASSWORD, most=200,
    missing=Say(f"密码至少 {people.LEAST_PASSWORD} 位。", f"Use at least {people.LEAST_PASSWORD} characters."),
)  # fmt: skip


class Newcomer(msgspec.Struct):
    """A person to be entered."""

    login: Annotated[str, label("登录名", "Login", most=64, missing=Say("还没写登录名。", "Enter a login."))]
    name: Annotated[str, _NAME]
    password: Annotated[str, PASSWORD]
    unit: Annotated[str, _UNIT] = ""
    jurisdiction: Annotated[str, _COUNTY] = ""
    lang: Annotated[str, _LANG] = "zh"
    roles: Annotated[list[str], label("角色（今天起）", "Roles, from today")] = []

    def check(self) -> dict[str, Say]:
        """The unit and the county are today's, and the roles go together."""
        pair = role_pairs.clash(self.roles)
        return _place_faults(self.unit, self.jurisdiction) | ({"roles": pair.say()} if pair is not None else {})


class Record(msgspec.Struct):
    """What stands about a person; ``version`` is the one the form was drawn from."""

    name: Annotated[str, _NAME]
    version: int
    unit: Annotated[str, _UNIT] = ""
    jurisdiction: Annotated[str, _COUNTY] = ""
    lang: Annotated[str, _LANG] = "zh"

    def check(self) -> dict[str, Say]:
        """The unit and the county are today's."""
        return _place_faults(self.unit, self.jurisdiction)


class NewRole(msgspec.Struct):
    """A role to be granted from a day to a day."""

    role: Annotated[str, label("角色", "Role", missing=Say("还没选角色。", "Choose a role."))]
    first: Annotated[date | None, label("第一天", "First day")] = None
    last: Annotated[date | None, label("最后一天", "Last day")] = None
    at_unit: Annotated[str, label("在哪个单位", "In which unit")] = ""
    at_county: Annotated[str, label("在哪个县区", "In which county")] = ""


def _place_faults(unit: str, jurisdiction: str) -> dict[str, Say]:
    snapshot = city.current()
    wrong: dict[str, Say] = {}
    if unit and unit not in snapshot.units:
        wrong["unit"] = Say("没有这个单位，请从列出的里面选。", "There is no such unit; choose from the list.")
    if jurisdiction and jurisdiction not in snapshot.jurisdictions:
        wrong["jurisdiction"] = Say(
            "没有这个县区，请从列出的里面选。", "There is no such county; choose from the list."
        )
    return wrong


@get("/people", opt={"needs": "people.edit"})
async def index(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """People by login, filtered by the address."""
    asked = filters.parse("/people", request.query_params, (
        filters.Choice(key="q", say=Say("姓名、登录名", "Name or login")),
        filters.Choice(key="unit", say=Say("单位", "Unit"), options=words.unit_choices()),
        filters.Choice(key="role", say=Say("角色", "Role"), options=ROLE_CHOICES),
        filters.Choice(key="left", say=Say("在岗", "Here"), options={"yes": Say("已离开", "left")}),
    ), sorts=("login",))  # fmt: skip
    found = await people.search(
        asked.get("q"), unit=asked.get("unit"), role=asked.get("role"), is_active=not asked.get("left"),
        after=asked.after, limit=PAGE + 1,
    )  # fmt: skip
    more = asked.url(after=found[PAGE - 1].login) if len(found) > PAGE else ""
    return render(
        request, "admin/people.html", region="#r-list", found=found[:PAGE], filters=asked, older=more, words=words,
        roles=ROLE_CHOICES, units=words.unit_choices(tiers=(1, 2, 3)), tabs=words.tabs(actor, "/people"),
    )  # fmt: skip


@get("/people/new", opt={"needs": "people.edit"})
async def blank(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """The form for a new person."""
    return _newcomer(
        request, actor, forms.blank(Newcomer, {"lang": "zh", "unit": request.query_params.get("unit", "")})
    )


@post("/people/new", opt={"needs": "people.edit", "is_grave": True}, status_code=200)
async def add(request: Request[Any, Any, Any], actor: Who) -> Response[str]:
    """Enter a person; their login and password work at once."""
    form = await forms.read(request, Newcomer)
    made: list[UUID] = []

    async def enter(good: Newcomer) -> None:
        async with db.atomic() as connection:
            person = await people.add(
                good.login, good.name, good.password, unit=good.unit, jurisdiction=good.jurisdiction,
                roles=tuple(dict.fromkeys(good.roles)), lang=good.lang if good.lang in LANGUAGES else "zh", by=actor.id,
            )  # fmt: skip
            await acts.note(
                connection, actor, "person_added", f"person:{person}",
                {"changed": {"unit": ["", good.unit]}, "roles": " ".join(sorted(good.roles))},
            )  # fmt: skip
            made.append(person)

    status = await changes.tried(form, enter)
    if status == 200:
        return see_other(request, f"/people/{made[0]}", flash=Say("已新增。", "Added."))
    form.typed.pop("password", None)
    return _newcomer(request, actor, form, status)


def _newcomer(request: Request[Any, Any, Any], actor: Actor, form: Form[Newcomer], status: int = 200) -> Response[str]:
    return render(
        request, "admin/person_new.html", region="#r-new", status=status, focus="#r-errors" if status != 200 else "",
        form=form, roles=ROLE_CHOICES, units=words.unit_choices(), counties=words.county_choices(),
        languages=LANGUAGES, tabs=words.tabs(actor, "/people"),
    )  # fmt: skip


@get("/people/{person:uuid}", opt={"needs": "people.edit"})
async def record(request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID]) -> Response[str]:
    """One person: the record, the roles by date, the sessions, the history."""
    return await shown(request, actor, person)


@post("/people/{person:uuid}", opt={"needs": "people.edit"}, status_code=200)
async def change(request: Request[Any, Any, Any], actor: Who, person: FromPath[UUID]) -> Response[str]:
    """Change name, unit, county or language; the change is noted without the name itself."""
    form = await forms.read(request, Record)

    async def keep(good: Record) -> None:
        async with db.atomic() as connection:
            before = await people.one(person)
            await changes.unchanged(connection, f"person:{person}", str(good.version), str(before.version))
            after = {"unit": good.unit, "jurisdiction": good.jurisdiction, "lang": good.lang}
            changed = changes.difference({name: getattr(before, name) for name in after}, after)
            is_renamed = before.name != good.name.strip()
            if not changed and not is_renamed:
                raise changes.nothing()
            if good.lang not in LANGUAGES:
                raise invalid({"lang": Say("请从列出的语言里选。", "Choose a language from the list.")})
            if good.unit != before.unit:
                await roster.keep_a_liaison(connection, person, moves=True)
            held = await roster.lasting(person)
            await people.change(
                person, name=good.name, unit=good.unit, jurisdiction=good.jurisdiction, lang=good.lang, roles=held,
                version=good.version, by=actor.id,
            )  # fmt: skip
            await changes.note(
                connection,
                actor,
                "person_changed",
                f"person:{person}",
                {**changed, **({"name": []} if is_renamed else {})},
            )

    status = await changes.tried(form, keep)
    if status == 200:
        return see_other(request, f"/people/{person}", flash=Say("已保存，即刻生效。", "Saved; it holds from now on."))
    if status == 409:
        form.typed["version"] = [str((await people.one(person)).version)]
    return await shown(request, actor, person, status=status, record=form)


async def shown(
    request: Request[Any, Any, Any],
    actor: Actor,
    person: UUID,
    *,
    status: int = 200,
    record: Form[Record] | None = None,
    role: Form[NewRole] | None = None,
) -> Response[str]:
    """The page of one person with whatever form came back."""
    one = await people.one(person)
    async with db.reading() as connection:
        past = await sentences.history(connection, f"person:{person}")
    typed = next((form for form in (record, role) if form is not None), None)
    return render(
        request, "admin/person.html", region="#r-person", status=status, focus="#r-errors" if status != 200 else "",
        one=one, form=typed or forms.blank(Record),
        record=record or forms.blank(Record, {
            "name": one.name, "unit": one.unit, "jurisdiction": one.jurisdiction, "lang": one.lang,
            "version": one.version,
        }),
        role=role or forms.blank(NewRole, {"first": clock.today()}),
        grants=await roster.grants(person), sessions=await sessions.count(person), history=past, today=clock.today(),
        roles=ROLE_CHOICES, units=words.unit_choices(), counties=words.county_choices(), languages=LANGUAGES,
        words=words, tabs=words.tabs(actor, "/people"),
    )  # fmt: skip


ROUTES = [index, blank, add, record, change]
