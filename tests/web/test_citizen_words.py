"""No sentence for citizens uses a word of the trade: templates, texts of messages, and the Python that speaks."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
BANNED_ZH = (
    "工单",
    "派单",
    "转办",
    "签收",
    "承办单位",
    "并单",
    "挂账",
    "退单",
    "督办",
    "黄牌",
    "考核",
    "闭环",
    "节点",
    "系统",
    "后台",
    "用户",
)
BANNED_EN = ("ticket", "sla", "dispatch", "dispatched", "invalid", "user", "users")
_CODE = re.compile(
    r"\{#.*?#\}|\{%-?\s*(?:extends|block|endblock|include|if|elif|else|endif|for|endfor|set|macro|call|endcall)[^%]*%\}",
    re.DOTALL,
)


def said_to_citizens() -> dict[str, str]:
    """Every sentence of the public templates and of the Python that speaks to citizens, by file."""
    found = {}
    root = TEMPLATES.parent.parent
    sources = [
        *sorted((TEMPLATES / "public").glob("*.html")),
        *sorted((TEMPLATES / "notices").glob("public_*.html")),
        TEMPLATES / "notices" / "_list.html",
        *sorted((TEMPLATES / "scores").glob("published*.html")),
        TEMPLATES / "honours" / "public.html",
        TEMPLATES / "layouts" / "public.html",
        *sorted((root / "web" / "public").glob("*.py")),
        root / "web" / "notices" / "public.py",
        *sorted((root / "channels" / "texts").glob("*/*.txt")),
        root / "cases" / "track.py",
    ]
    for path in sources:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            text = _CODE.sub(" ", text)
            said = re.findall(r"_\(\s*'([^']*)'(?:[^,()]*),\s*'([^']*)'", text)
        elif path.suffix == ".txt":
            said = [(text, "")]
        else:
            said = re.findall(r'Say\(\s*f?"([^"]*)",\s*f?"([^"]*)"', text)
        found[f"{path.parent.name}/{path.name}"] = "\n".join(part for pair in said for part in pair)
    return found


def test_no_page_for_citizens_uses_a_word_of_the_trade() -> None:
    wrong = []
    texts = said_to_citizens()
    assert sum(map(len, texts.values())) > 4000
    for name, text in texts.items():
        wrong += [f"{name}: {word}" for word in BANNED_ZH if word in text]
        wrong += [f"{name}: {word}" for word in BANNED_EN if re.search(rf"\b{word}\b", text, re.IGNORECASE)]
        wrong += [f"{name}: {mark}" for mark in ("！", "!") if mark in text]
    assert not wrong, wrong


def test_a_word_of_the_trade_would_be_found() -> None:
    assert any("查进度" in text for text in said_to_citizens().values())
    assert re.search(r"\buser\b", "the user", re.IGNORECASE)
