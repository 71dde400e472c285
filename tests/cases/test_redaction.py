"""What tells who somebody is: found in every spelling, and ordinary words left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import redaction
from cases.redaction import finds, redact


def found(text: str, kind: str, *names: str) -> list[str]:
    """The finds of one kind."""
    return [one.text for one in finds(text, names) if one.kind == kind]


@pytest.mark.parametrize(
    "spelt",
    [
        "13800000001", "138 0000 0001", "138-0000-0001", "138.0000.0001", "１３８０００００００１",
        "一三八〇〇〇〇〇〇〇一", "幺三八零零零零零零零幺", "壹叁捌零零零零零零零壹", "138零零零零0001",
        "+86 13800000001", "0086-138-0000-0001", "①③⑧⓪⓪⓪⓪⓪⓪⓪①", "138OOOO0001",
        "1 3 8 0 0 0 0 0 0 0 1", "0310-3112345", "(0310)3112345", "010 6555 1234", "400-800-1234",
    ],
)  # fmt: skip
def test_a_phone_number_is_found_in_every_spelling(spelt: str) -> None:
    assert found(f"请打{spelt}，谢谢", redaction.PHONE) == [spelt]
    assert redact(f"请打{spelt}，谢谢", finds(f"请打{spelt}，谢谢")) == "请打***，谢谢"


def test_two_numbers_in_a_row_are_both_found() -> None:
    numbers = ["13800000001", "13900000002", "0310-3112345"]
    assert found(f"{numbers[0]} {numbers[1]}、{numbers[2]}", redaction.PHONE) == numbers


def test_a_short_number_is_one_when_the_words_say_so() -> None:
    assert found("联系电话：3112345", redaction.PHONE) == ["3112345"]
    assert found("欠款 3112345 元", redaction.PHONE) == []


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("身份证130403199001011234。", redaction.ID, "130403199001011234"),
        ("130403 19900101 123X", redaction.ID, "130403 19900101 123X"),
        ("护照号E12345678", redaction.ID, "E12345678"),
        ("打到 6222 0212 3456 7890 128", redaction.CARD, "6222 0212 3456 7890 128"),
        ("卡号6222 0200 0000 0000 003", redaction.CARD, "6222 0200 0000 0000 003"),
        ("车牌冀D12345停在门口", redaction.PLATE, "冀D12345"),
        ("冀D·8K8K8", redaction.PLATE, "冀D·8K8K8"),
        ("新能源冀ＤＤ12345", redaction.PLATE, "冀ＤＤ12345"),
        ("发到wang.xm@example.com.cn", redaction.EMAIL, "wang.xm@example.com.cn"),
        ("加微信wxid_ab12cd", redaction.ACCOUNT, "wxid_ab12cd"),
        ("QQ：123456", redaction.ACCOUNT, "123456"),
        ("和平路123号3号楼2单元501室", redaction.DOOR, "123号3号楼2单元501室"),
        ("阳光小区3-2-501", redaction.DOOR, "3-2-501"),
        ("住三号楼二单元", redaction.DOOR, "三号楼二单元"),
        ("我叫王小明，", redaction.NAME, "王小明"),
        ("联系人：欧阳小明", redaction.NAME, "欧阳小明"),
        ("业主王明反映停水", redaction.NAME, "王明"),
        ("找李建国主任", redaction.NAME, "李建国"),
        ("刘涛副局长", redaction.NAME, "刘涛"),
        ("王先生说", redaction.NAME, "王"),
    ],
)
def test_each_kind_is_found(text: str, kind: str, what: str) -> None:
    assert found(text, kind) == [what]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 上午九点路灯不亮",
        "二〇二六年三月一日停水",
        "拨打12345热线无人接",
        "公交5号线，12号来电，3楼漏水，有两栋危楼",
        "班主任老师和许多老师",
        "物业经理、安全主任、项目经理不管",
        "谢谢书记",
        "卫生院院长不在",
        "共有123户拆迁户",
        "欠薪12345678元",
        "高中的老师",
    ],
)
def test_ordinary_words_and_numbers_are_left_alone(text: str) -> None:
    assert finds(text) == []


def test_a_given_name_is_found_wherever_it_stands() -> None:
    assert found("昨天 诺敏 又来，诺 敏说不管", redaction.NAME, "诺敏") == ["诺敏", "诺 敏"]
    assert redact("诺敏先生不管", finds("诺敏先生不管", ["诺敏"])) == "某某先生不管"


def test_a_person_may_keep_what_was_found_in_error() -> None:
    text = "王先生和李先生"
    assert redact(text, finds(text)[:1]) == "某某先生和李先生"


@pytest.mark.parametrize(
    "spelt",
    [
        "王小明", "王 小明", "王　小　明", "王\u200b小\u200d明", "王\n小明", "王·小·明", "王-小-明", "王*小*明",
        "王\ufe0f小明", "小明",
    ],
)  # fmt: skip
def test_a_name_of_the_case_is_found_in_every_spelling(spelt: str) -> None:
    text = f"路灯旁的{spelt}多次报修"
    assert spelt in found(text, redaction.NAME, "王小明", "小明")[0]


@pytest.mark.parametrize(
    ("name", "spelt", "what"),
    [
        ("张国强", "張國強", "張國強"), ("刘丽华", "劉 麗 華", "劉 麗 華"), ("陳偉", "陈伟", "陈伟"),
        ("欧阳建", "歐陽建", "歐陽建"), ("牛二娃", "牛师傅", "牛"), ("高亮", "高主任", "高"), ("应雪", "小应", "小应"),
        ("慕容云", "慕容女士", "慕容"), ("马云飞", "老马", "老马"),
        ("John Smith", "JOHN  SMITH", "JOHN  SMITH"), ("买买提·艾力", "买买提 艾力", "买买提 艾力"),
    ],
)  # fmt: skip
def test_a_name_of_the_case_is_found_by_its_surname_and_in_other_characters(name: str, spelt: str, what: str) -> None:
    assert what in found(f"这一次{spelt}去看过了", redaction.NAME, name)


@pytest.mark.parametrize("length", [20_000])
@pytest.mark.parametrize(
    "part",
    [
        "1 ", "王", "王伟、", "a@a.", "东一号", "(", "微信：", "艾·", "\u200b①", "1楼，", "王*冀A", "Aa wang ",
    ],
)  # fmt: skip
def test_a_long_hostile_text_is_read_to_its_end(part: str, length: int) -> None:
    text = (part * length)[:length]
    assert all(text[one.start : one.end] == one.text for one in finds(text, ["王小明", "13800001234"]))


@given(st.text(max_size=200))
def test_no_text_whatever_makes_the_finding_fail(text: str) -> None:
    last = 0
    for one in finds(text, ["王小明", "Li Na"]):
        assert last <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text
        last = one.end


_PIECES = st.sampled_from(
    ["王建国", "李娜", "老张", "说", "，", "先生", "电话", "13800001234", "住", "阳光小区", "3号楼", "2单元", "501",
     "微信", "abc_123", "冀D12345", "和", "、", "向", "于", "周", "某某", "***", "6222020000000007",
     "130403199001011239", "a@b.cn", " ", "我叫", "的", "号", "路", "12", "-", "主任",
     "买买提·艾力"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=12), st.sampled_from(["，", " ", "、", "。\n"]))
def test_what_was_redacted_holds_nothing_to_find(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    assert finds(redact(text, finds(text))) == []


@given(st.text(alphabet="王李先生主任0123456789-—１一三八号楼室路Aa冀D@.微信 ，", max_size=60))
def test_finds_are_in_order_apart_and_true_to_the_text(text: str) -> None:
    last = 0
    for one in finds(text, ["王李"]):
        assert last <= one.start < one.end
        assert text[one.start : one.end] == one.text
        last = one.end


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", " ", "-", "．"]))
def test_no_mobile_number_survives(number: str, between: str) -> None:
    spelt = between.join((number[:3], number[3:7], number[7:]))
    assert spelt not in redact(f"电话{spelt}。", finds(f"电话{spelt}。"))
