"""TwiML: the document in which the hotline says what a call shall do, or what shall be texted back."""

from __future__ import annotations

from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring


class Document(msgspec.Struct, frozen=True):
    """The verbs of one answer, and the address that it came from: actions without an address go there again."""

    url: str
    verbs: tuple[Element, ...]

    def action(self, verb: Element, name: str = "action") -> str:
        """Where a verb's answer goes: its own address, completed, or this document's."""
        return urljoin(self.url, verb.get(name) or "") if verb.get(name) else self.url


class NoTwiMLError(Exception):
    """What came is no TwiML; the real one would speak of an application error and hang up."""


def read(text: str, url: str = "") -> Document:
    """The document in an answer; an empty answer is an empty document. Raises NoTwiMLError."""
    if not text.strip():
        return Document(url, ())
    try:
        root = fromstring(text.encode())
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise NoTwiMLError(f"no TwiML: {error}") from None
    if root.tag != "Response":
        raise NoTwiMLError(f"<{root.tag}> where <Response> belongs")
    return Document(url, tuple(root))


def messages(text: str) -> list[str]:
    """What an answer to a text message wants texted back."""
    try:
        found = read(text).verbs
    except NoTwiMLError:
        return []
    return [_words(verb) for verb in found if verb.tag == "Message"]


def _words(verb: Element) -> str:
    body = verb.find("Body")
    return "".join((verb if body is None else body).itertext()).strip()


def seconds(verb: Element, name: str, default: float) -> float:
    """A number of seconds in an attribute."""
    given = verb.get(name, "")
    return float(given) if given.replace(".", "", 1).isdigit() else default
