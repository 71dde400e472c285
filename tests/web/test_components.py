"""Every component, on one page that only this test knows: well formed, labelled, escaped, in both languages."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader

from hotline import clock
from hotline.actor import Actor
from hotline.errors import Say
from hotline.ids import new_id
from sla.calendar import Calendar
from tests.web import house, test_forms
from tests.web.test_render import CHOICES, KINDS, _request
from web import filters, forms, render
from web.chart import Chart, Line, Series
from web.timeleft import PAUSED, Term, time_left

GALLERY = (Path(__file__).parent / "gallery.html").read_text(encoding="utf-8")
EVIL = "<script>alert(1)</script>"


def terms() -> list[Term]:
    """One of each look."""
    now = clock.now()
    start = now - timedelta(days=30)
    return [
        Term(unit="wd", start=start, due=now + timedelta(days=6), is_provisional=True),
        Term(unit="wd", start=start, due=now + timedelta(days=6), warn=now),
        Term(unit="wd", start=start, due=clock.on(clock.today(), 23, 59)),
        Term(unit="clock", start=now, due=now + timedelta(hours=6)),
        Term(unit="wd", start=start, due=now - timedelta(days=1)),
        Term(unit="wd", start=start, due=now - timedelta(days=20)),
        Term(unit="wd", start=start, due=now, paused=PAUSED["needs_info"]),
        Term(unit="wd", start=start, due=now, done=start),
        Term(unit="wd", start=start, due=start, done=now),
    ]


def chart(name: str, places: int = 2) -> Chart:
    """One with a name that could do harm, or an empty one."""
    names = [Say(EVIL, EVIL), Say("丛台区", "Congtai")][:places]
    series = [Series(name=Say("今年", "This year"), data=[3, None][:places])]
    rows = [Line(name=one, cells=["3"], link="/x") for one in names]
    return Chart(
        id=name, title=Say("比去年多吗？", "More than last year?"), source=Say("事实库", "The fact store"),
        by=Say("区县", "County"), names=names, series=series, heads=[Say("件数", "Cases")], rows=rows, formula="/x",
        as_of=clock.now(),
    )  # fmt: skip


def page(monkeypatch: pytest.MonkeyPatch, *, lang: str = "zh", is_staff: bool = True, words: str = EVIL) -> str:
    """The gallery as a signed-in person sees it after a refused form."""
    env = render.environment()
    monkeypatch.setattr(env, "loader", ChoiceLoader([DictLoader({"gallery.html": GALLERY}), env.loader]))  # type: ignore[list-item]
    request: Any = _request({"cookie": f"hl_lang={lang}"})
    if is_staff:
        roles = frozenset({"dispatcher", "admin"})
        request.scope["state"]["actor"] = Actor(id=new_id(), kind="staff", name="王小明", roles=roles)
    calendar = Calendar({}, announced=(date(2020, 1, 1), date(2030, 12, 31)))
    form = forms.parse(test_forms.Sample, {"words": [words], "floor": ["x"], "units": ["a"]})
    answer = render.render(
        request, "gallery.html", status=422, form=form, kinds=KINDS, message=render.Flash(Say("已存", "Kept")),
        filters=filters.parse("/x", {"kind": "a", "q": words}, CHOICES),
        chips=[time_left(calendar, term, clock.now()) for term in terms()], chart=chart("a"), blank=chart("b", 0),
    )  # fmt: skip
    return str(answer.content)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_component_is_labelled_and_has_nothing_inline(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    html = page(monkeypatch, lang=lang)
    look = house._Page()
    look.feed(html)
    assert look.wrong == []
    unlabelled = [got["id"] for _, got in look.fields if got["id"] not in look.labelled]
    assert unlabelled == []
    assert len(look.ids) == len(set(look.ids)), sorted(i for i in look.ids if look.ids.count(i) > 1)


def test_every_macro_is_shown_in_the_gallery() -> None:
    inner = {"label_of", "said", "described", "extra", "icon_of"}
    general = {f"components/{name}.html" for name in ("forms", "marks", "lists")}
    macros = [name for name, file in render._macros().items() if file in general and name not in inner]
    missing = [name for name in macros if f"ui.{name}(" not in GALLERY]
    assert missing == []


def test_what_people_typed_is_escaped_wherever_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    html = page(monkeypatch)
    assert EVIL not in html
    assert html.count("&lt;script&gt;alert(1)") >= 2


def test_errors_stand_beside_their_fields_and_in_the_summary_with_links(monkeypatch: pytest.MonkeyPatch) -> None:
    html = page(monkeypatch, words="字" * 11)
    assert 'href="#f-words"' in html
    assert re.search(r'<textarea id="f-words"[^>]*aria-describedby="h-words e-words" aria-invalid="true"', html)
    assert 'href="#f-kind"' in html
    assert 'id="f-kind"' in html
    assert "<title>错误：" in html


def test_looks_of_time_are_told_by_shape_and_words_too(monkeypatch: pytest.MonkeyPatch) -> None:
    html = page(monkeypatch)
    marks = {"plain": "○", "soon": "◑", "today": "◕", "late": "▲", "late-long": "▲▲", "paused": "‖", "kept": "✓"}
    for look, mark in marks.items():
        chip = rf'<span class="left left-{look}[ "][^>]*><span class="mark" aria-hidden="true">{mark}</span>'
        assert re.search(chip, html), look
    assert "暂定" in html


def test_a_masked_person_is_masked_in_the_html_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    html = page(monkeypatch)
    assert "13800000001" not in html
    assert "138****0001" in html


def test_keys_are_printed_on_buttons(monkeypatch: pytest.MonkeyPatch) -> None:
    html = page(monkeypatch)
    assert 'data-key="KeyR">提交办结 <kbd>r</kbd>' in html
    assert "<kbd>F9</kbd>" in html


def test_english_pages_have_no_chinese_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    html = page(monkeypatch, lang="en", words="x")
    gallery_words = set(re.findall(r"[\u4e00-\u9fff]+", GALLERY)) | {"王小明", "中文", "新", "王"}
    left = {word for word in re.findall(r"[\u4e00-\u9fff]+", html) if word not in gallery_words}
    assert left == set()
