"""The versions of the model with their figures, one version's page, and a box to try words in."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from hotline import city, clock, db, people
from hotline.actor import SYSTEM_ID, Actor
from hotline.errors import Say
from routing import grams, guess, models, retraining
from routing.classifier import NEVER, Classifier
from web import forms
from web.access import Who
from web.admin import sentences, words
from web.filters import moment_in
from web.forms import Form, label
from web.models import figures
from web.render import render

AnyRequest = Request[Any, Any, Any]
PATH = "/models"
PAGE = 50


class Try(msgspec.Struct):
    """Words to try: they are kept nowhere."""

    words: Annotated[str, label("一段诉求", "Words of a request", most=12_000)]


class Offer(msgspec.Struct, frozen=True):
    """One guess as the page shows it."""

    code: str
    name: Say
    probability: float
    words: tuple[str, ...]


@get(PATH, opt={"needs": "routing.edit"})
async def index(request: AnyRequest, actor: Who) -> Response[str]:
    """Every version with its figures, the live one first."""
    return await shown(request, actor, forms.blank(Try))


@post("/models/trial", opt={"needs": "routing.edit"}, status_code=200)
async def trial(request: AnyRequest, actor: Who) -> Response[str]:
    """What the live model makes of some words."""
    form = await forms.read(request, Try)
    return await shown(request, actor, form, status=200 if form.is_good else 422)


async def shown(request: AnyRequest, actor: Actor, form: Form[Try], *, status: int = 200) -> Response[str]:
    """The list, with the try-out box as it was filled in."""
    suggestion = guess.suggest(form.good.words) if form.is_good else None
    before = moment_in(request.query_params.get("before", ""))
    async with db.reading() as connection:
        found = await models.versions(connection, before=before, limit=PAGE + 1)
        waiting = next((one for one in found if one.state == "candidate"), None)
    found, more = found[:PAGE], found[PAGE:]
    older = f"{PATH}?{urlencode({'before': found[-1].asked_at.isoformat()})}" if more else ""
    live = guess.current()
    return render(
        request, "models/index.html", region="#r-list", status=status, waiting=waiting,
        found=[one for one in found if one is not waiting], older=older, is_first=before is None, form=form,
        suggestion=suggestion, states=figures.STATES,
        offers=_offers(suggestion), precision=city.current().rule(models.PRECISION),
        least=city.current().rule(retraining.LEAST), figures=figures, why=_why,
        threshold=live.threshold if isinstance(live, Classifier) else NEVER, read=grams.LONGEST,
        tabs=words.tabs(actor, PATH), focus="#r-errors" if status == 422 else "",
    )  # fmt: skip


def _offers(suggestion: guess.Suggestion | None) -> list[Offer]:
    day = clock.today()
    return [
        Offer(one.matter, named(one.matter, day), one.probability, one.words)
        for one in (suggestion.ranked if suggestion else ())
    ]


def named(code: str, day: Any = None) -> Say:
    """A matter's name, its code where the city no longer has it."""
    matter = city.current().matter(code, day or clock.today())
    return Say(matter.l3_zh, matter.l3_en) if matter else Say(code, code)


def _why(code: str) -> Say:
    return models.WHYS.get(code, Say(code, code))


async def _names(found: list[models.Version]) -> dict[Any, Say]:
    asked = {one.asked_by for one in found} | {one.live_by for one in found}
    known = await people.names({one for one in asked if one is not None and one != SYSTEM_ID})
    return {SYSTEM_ID: Say("系统", "the system")} | {key: Say(name, name) for key, name in known.items()}


@get("/models/{name:str}", opt={"needs": "routing.edit"})
async def record(request: AnyRequest, actor: Who, name: FromPath[str]) -> Response[str]:
    """One version: its figures beside the one it was judged against, by matter, and its commonest mistakes."""
    return await version(request, actor, name, forms.blank(Back))


class Back(msgspec.Struct):
    """Why an earlier version is put back."""

    reason: Annotated[str, label("原因", "Reason", least=2, most=200)]


async def version(
    request: AnyRequest, actor: Actor, name: str, form: Form[Back], *, status: int = 200
) -> Response[str]:
    """The page of one version, with the form to go back to it as it was filled in."""
    async with db.reading() as connection:
        found = await models.version(connection, name)
        by_matter, confused = await models.details(connection, name)
        history = await sentences.history(connection, f"model:{name}")
    weakest = sorted(by_matter, key=lambda one: (figures.f1(one), -one["n"], one["label"]))
    return render(
        request, "models/version.html", region="#r-model", status=status, one=found, by_matter=weakest,
        confused=confused, named=named, names=await _names([found]), form=form, figures=figures, states=figures.STATES,
        history=history, why=_why, tabs=words.tabs(actor, PATH), focus="#r-errors" if status != 200 else "",
    )  # fmt: skip


ROUTES = [index, trial, record]
