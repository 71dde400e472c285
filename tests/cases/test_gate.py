"""The privacy gate against what a case holds: every spelling, everybody behind it, closed when it cannot look."""

from __future__ import annotations

import pytest

from cases import gate, ledger, merging, notice_steps, notices, redaction
from cases.gate import Known, finds
from hotline import db, vault
from hotline.errors import Refusal
from hotline.work import work
from tests import builders as b
from tests.cases.test_notices import do, published, refused, state

pytestmark = pytest.mark.anyio
NAMES = {
    "王小明": ("王 小 明", "王\u200b小\u200b明", "王小\n明", "王·小·明", "王*小*明", "小明", "王先生",
              "王小明女士", "老王", "王总", "小王"),
    "张国强": ("張國強", "張 國 強", "张\u3000国强", "国强", "國強", "张师傅", "大张"),
    "欧阳丽华": ("歐陽麗華", "欧阳 丽华", "丽华", "欧阳女士", "欧 阳 丽 华"),
    "陳偉": ("陈伟", "陳 偉", "陈伟经理", "陈先生", "陈副主任"),
    "买买提·艾力": ("买买提艾力", "买买提 艾力", "买买提", "艾力", "买买提•艾力"),
    "高兴": ("高 兴", "高\u2060兴", "高兴同志", "高女士"),
    "李女士": ("李女士", "李 女士", "李先生", "小李"),
    "安吉拉 约翰逊": ("安吉拉约翰逊", "安吉拉·约翰逊", "约翰逊"),
    "John Smith": ("JOHN SMITH", "John-Smith", "john  smith", "Smith", "Ｊｏｈｎ Ｓｍｉｔｈ"),
    "阿依古丽": ("阿依 古丽", "阿依\ufeff古丽"),
}  # fmt: skip
"""Names that a case may hold, and how somebody may write them."""
NUMBERS = {
    "13800001234": ("138 0000 1234", "138-0000-1234", "１３８００００１２３４", "一三八零零零零一二三四",
                    "幺三八〇〇〇〇幺两三四", "1 3 8 0 0 0 0 1 2 3 4",
                    "138，0000，1234", "①③⑧⓪⓪⓪⓪①②③④", "138\u200b0000\u200b1234", "138\n0000\n1234"),
    "03103012345": ("0310-3012345", "(0310)301 2345", "零三一零三零一二三四五"),
    "wang@example.com": ("wang@example.com", "WANG@EXAMPLE.COM", "wang @ example . com", "wang#example。com"),
    "91130403MA0XXXXX1K": ("91130403MA0XXXXX1K", "91130403-ma0xxxxx1k", "９１１３０４０３ＭＡ０ＸＸＸＸＸ１Ｋ"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests of finds need a key."""
    monkeypatch.setattr(vault, "index", lambda text: text.encode())


@pytest.mark.parametrize(("name", "spelt"), [(name, one) for name, spellings in NAMES.items() for one in spellings])
def test_a_name_that_the_case_holds_is_found_in_every_spelling(name: str, spelt: str) -> None:
    text = f"此前{spelt}反复报修"
    found = finds({"wrong": text}, Known(names=(name,)))
    assert any(one.kind == redaction.NAME and one.text.strip() and one.text[0] in spelt for one in found), found


@pytest.mark.parametrize(("number", "spelt"), [(n, one) for n, spellings in NUMBERS.items() for one in spellings])
def test_a_number_that_the_case_holds_is_found_in_every_spelling(number: str, spelt: str) -> None:
    found = finds({"wrong": f"备注里有{spelt}等"}, Known(numbers=(number,)))
    assert any(spelt in one.text or one.text in spelt for one in found), found


def test_a_quotation_in_traditional_characters_is_one() -> None:
    known = Known(words=("我家楼下的烧烤摊每天晚上吵到两点谁也睡不着",))
    assert [one.kind for one in finds({"wrong": "反映樓下的燒烤攤每天晚上吵到兩點"}, known)] == ["quote"]


def test_a_text_too_long_to_be_looked_through_is_refused_and_not_cut() -> None:
    with pytest.raises(Refusal) as caught:
        finds({"wrong": "好" * (gate.LONGEST + 1)}, Known())
    assert (caught.value.status, caught.value.code) == (422, "too_long")
    assert finds({"wrong": "好" * gate.LONGEST}, Known()) == []


def test_a_rule_that_fails_stops_everything_and_tells_nothing_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str, *_: object) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(redaction, "finds", broken)
    with pytest.raises(Refusal) as caught:
        finds({"wrong": "王小明"}, Known())
    assert caught.value.code == "gate_failed"
    assert "王小明" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_the_gate_knows_whom_the_texts_name_and_whoever_was_merged_into_the_case(database: object) -> None:
    words = "楼上的孙梅天天吵，她电话13900005678，车牌冀D12345。"
    parent = await b.a_receipt(words=words)
    child = await b.a_receipt(name="赵晓兰", phone="13700003456", reply_by="email", reply_to="lan@example.com")
    async with work(await b.person("coord")) as w:
        files = [await ledger.opened(w, number=one.number) for one in (parent, child)]
        await merging.merge(w, files[0], files[1], reason="同一件事")
        case_id = files[0].case.id
    async with db.reading() as connection:
        known = await gate.known(connection, case_id)
    assert {"王小明", "赵晓兰", "孙梅"} <= set(known.names)
    assert {"13800000001", "13700003456", "13900005678", "冀D12345", "lan@example.com"} <= set(known.numbers)


async def test_whoever_let_a_passage_of_a_correction_stand_cannot_verify_it(database: object) -> None:
    notice = await published()
    await do("congtai", notice, notice_steps.report, text="已修好，由张建军师傅负责，电话 0310-3012345。")
    assert await do("publisher", notice, notice_steps.verify, text="属实。") == 2
    await do("publisher", notice, notices.decide, number=1, decision="redact")
    assert await refused("publisher", notice, notices.decide, number=1, decision="keep") == "invalid"
    await do("publisher", notice, notices.decide, number=1, decision="keep", reason="单位的公开电话")
    assert await refused("publisher", notice, notice_steps.verify, text="属实。") == "own_decision"
    assert await state(notice) == "corrected"
    assert await do("secrecy", notice, notice_steps.verify, text="属实。") == 0
    assert await state(notice) == "verified"
