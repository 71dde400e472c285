"""A mail's text as a person wrote it: charsets as they really are, HTML as words, no quotes, no signature. Pure."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from email.header import Header, decode_header
from html.parser import HTMLParser

LONGEST_HTML = 500_000
"""Characters of HTML that are read: the library's reader takes ever longer over what is no HTML."""
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "big5": "big5hkscs", "x-x-big5": "big5hkscs", "iso-8859-1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8",
}  # fmt: skip
"""What senders name is mostly narrower than what they use."""
_QUOTE = re.compile(
    r"^\s*(?:"
    r"[-_—]{2,}\s*(?:原始邮件|原邮件|转发的邮件|回复的原邮件|Original(?: Message)?|Forwarded message)\s*[-_—]*"
    r"|On .{4,120} wrote:|在.{4,120}写道[:：]|.{2,80}于.{4,60}写道[:：]"
    r"|(?:发件人|From)\s*[:：].{0,200}"
    r"|_{20,}"
    r")\s*$",
    re.IGNORECASE,
)
_MORE_HEADER = re.compile(
    r"^\s*\*?(?:发送时间|发件时间|日期|收件人|主题|Sent|Date|To|Subject)\*?\s*[:：]", re.IGNORECASE
)
_SENT_FROM = re.compile(
    r"^\s*(?:--|__|发自我的.{1,20}|来自我的.{1,20}|从.{1,20}发送|发自.{0,12}邮箱.{0,20}"
    r"|Sent from .{1,40}|Get Outlook for .{1,20})\s*$",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr", "pre"}
)
_HIDDEN = frozenset({"script", "style", "head", "title", "template"})
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "wbr", "area", "base", "col", "embed", "source", "track"}
)
_QUOTED = frozenset(
    {"gmail_quote", "gmail_quote_container", "yahoo_quoted", "moz-cite-prefix", "qmquote", "netease_mail_quote"}
)
_QUOTED_IDS = frozenset({"isReplyContent", "divRplyFwdMsg", "appendonsend", "ntes-pcmail-quote", "isForwardContent"})


def decoded(data: bytes, charset: str) -> str:
    """The text of these bytes: as they are declared if that fits, else UTF-8, else GB 18030; never an error."""
    named = charset.strip().strip("\"'").lower()
    for one in (_WIDER.get(named, named), "utf-8", "gb18030"):
        try:
            codecs.lookup(one)
            return data.decode(one)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("gb18030", "replace")


def header(value: Header | str | None) -> str:
    """A header as people read it: encoded words, bare GBK or UTF-8 bytes, on one line."""
    try:
        parts = decode_header(value or "")
    except (ValueError, LookupError, AssertionError):
        parts = [(str(value), None)]
    found = [
        decoded(part, charset or "utf-8") if isinstance(part, bytes)
        else decoded(part.encode("utf-8", "surrogateescape"), charset or "utf-8")
        for part, charset in parts
    ]  # fmt: skip
    return " ".join("".join(found).split())


class _Words(HTMLParser):
    """Collects what is seen: blocks are lines, quotes of earlier mails are left out when ``is_reply``."""

    def __init__(self, *, is_reply: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.is_reply = is_reply
        self.text: list[str] = []
        self.hidden = 0
        self.stack: list[tuple[str, bool]] = []
        self.open: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.text.append("\n")
        if tag in _VOID:
            return
        hides = tag in _HIDDEN or (self.is_reply and _is_quote(tag, dict(attrs)))
        self.hidden += hides
        self.stack.append((tag, hides))
        self.open[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if not self.open[tag]:  # counted: a search for each would make a hostile mail's reading take hours
            return
        while self.stack:
            open_tag, hides = self.stack.pop()
            self.open[open_tag] -= 1
            self.hidden -= hides
            if open_tag == tag:
                break
        if tag in _BLOCKS:
            self.text.append("\n")

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: ARG002, FBT001, FBT002 - the library's own
        """``<![x[``: a comment to every browser, and a reason to stop with an AssertionError to the library."""
        return self.parse_bogus_comment(i)

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text.append(re.sub(r"\s+", " ", data))


def _is_quote(tag: str, attrs: dict[str, str | None]) -> bool:
    classes = set((attrs.get("class") or "").split())
    return tag == "blockquote" or bool(classes & _QUOTED) or (attrs.get("id") or "") in _QUOTED_IDS


def of_html(html: str, *, is_reply: bool = False) -> str:
    """The words of an HTML mail. Of a reply, without the mail that it answers."""
    reader = _Words(is_reply=is_reply)
    reader.feed(html[:LONGEST_HTML])
    reader.close()
    return tidied("".join(reader.text))


def tidied(text: str) -> str:
    """Lines without trailing blanks, no two empty ones in a row."""
    lines = [line.strip() for line in text.replace("\xa0", " ").replace("\r", "").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def own_words(text: str, *, is_reply: bool) -> str:
    """What its writer wrote: without signature and, of a reply, without quotes; all of it if nothing is left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = _before_quote(lines) if is_reply else lines
    kept = [line for line in kept if not line.lstrip().startswith(">")] if is_reply else kept
    kept = _before_signature(kept)
    return tidied("\n".join(kept)) or tidied(text)


def _before_quote(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        joined = f"{line} {lines[at + 1]}" if at + 1 < len(lines) else line
        is_intro = _QUOTE.match(line) or (line.startswith(("On ", "在")) and _QUOTE.match(joined))
        if is_intro and (not re.match(r"\s*(?:发件人|From)", line) or _is_header_block(lines[at + 1 : at + 4])):
            return lines[:at]
    return lines


def _is_header_block(lines: list[str]) -> bool:
    return any(_MORE_HEADER.match(line) for line in lines)


def _before_signature(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        if line.rstrip("\n") in {"-- ", "--"} or _SENT_FROM.match(line):
            return lines[:at] if tidied("\n".join(lines[:at])) else lines
    return lines
