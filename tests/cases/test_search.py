"""Search by bigrams: what is found, on the real database, and what never gets into the index."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import search
from hotline import db
from tests.engines import Place

pytestmark = pytest.mark.anyio

TEXTS = {
    1: "丛台区和平路与陵西大街口的路灯三天不亮",
    2: "阳光小区3号楼停水两天，物业电话无人接听",
    3: "滏河大街公交K12路站牌倒了",
    4: "和平里的路口没有红绿灯",
    5: "件号 260301-00017，热力公司供暖不热",
    6: "ＡＢＣ大厦电梯困人",
    7: "暖气不热",
}


async def hits(question: str) -> set[int]:
    """Which texts the question finds, asked as the product asks."""
    asked = search.query(question)
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT id FROM unnest($1::int[], $2::text[]) AS t (id, grams) "
            "WHERE array_to_tsvector(array_remove(string_to_array(grams, ' '), '')) @@ $3::tsquery",
            list(TEXTS), [search.grams(text) for text in TEXTS.values()], asked,
        )  # fmt: skip
    return {row["id"] for row in rows}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("路灯", {1}),
        ("和平", {1, 4}),
        ("和平路", {1}),
        ("水", {2}),
        ("热", {5, 7}),
        ("停水 物业", {2}),
        ("停水，路灯", set()),
        ("k12", {3}),
        ("K1", set()),
        ("260301", {5}),
        ("260301-00017", {5}),
        ("00018", set()),
        ("abc", {6}),
        ("ＡＢＣ", {6}),
        ("亮", {1}),
        ("3号楼", {2}),
        ("地铁", set()),
        ("it's & | ! ( :* '", set()),
    ],
)
async def test_a_question_finds_what_holds_it(database: Place, question: str, found: set[int]) -> None:
    assert await hits(question) == found


@given(st.text(max_size=60))
def test_any_text_makes_tokens_that_the_column_takes(text: str) -> None:
    tokens = search.grams(text).split(" ") if search.grams(text) else []
    assert len(tokens) == len(set(tokens))
    assert all(token and len(token) <= 64 and "'" not in token and "\0" not in token for token in tokens)


@given(st.text(alphabet="路灯水abc12 ，", min_size=1, max_size=12), st.data())
def test_every_piece_of_a_text_is_among_its_grams(text: str, data: st.DataObject) -> None:
    """A piece of two characters and more finds its text: recall is whole."""
    first = data.draw(st.integers(0, len(text) - 1))
    piece = text[first : first + data.draw(st.integers(1, 4))]
    if any("a" <= c <= "z" or c.isdigit() for c in piece):
        return  # words and numbers are found whole or by their beginning
    held = search.grams(text).split(" ")
    for asked in search.query(piece).split(" & "):
        token = asked.partition("'")[2].partition("'")[0]
        assert not asked or any(one.startswith(token) if asked.endswith(":*") else one == token for one in held)


def test_nothing_to_search_for_is_said_as_nothing() -> None:
    assert search.query("，。 !") == ""
    assert search.grams("，。 !") == ""


def test_an_endless_question_is_cut() -> None:
    assert search.query("路灯坏了请修理" * 500).count("&") < 40
    assert len(search.grams("x" * 10_000)) == 64


def test_the_same_text_has_the_same_grams_in_the_same_order() -> None:
    assert search.grams("路灯路灯亮") == "路灯 灯路 灯亮 亮"


@pytest.mark.parametrize(
    "personal",
    [
        "13800000001", "１３８０００００００１", "138-0000-0001", "一三八〇〇〇〇〇〇〇一", "130403199001011234",
        "冀D12345", "6222021234567890128", "wang@example.com",
    ],
)  # fmt: skip
def test_numbers_of_persons_never_reach_the_index(personal: str) -> None:
    grams = search.indexable(f"路灯坏了，请联系{personal}，谢谢", "和平路")
    assert grams.split(" ") == search.indexable("路灯坏了，请联系，谢谢", "和平路").split(" ")


def test_names_of_persons_never_reach_the_index() -> None:
    grams = search.indexable("我叫王小明，邻居李建国先生也反映过，张主任说等等").split(" ")
    assert not {"王小", "小明", "李建", "建国", "张主"} & set(grams)
    assert "反映" in grams
