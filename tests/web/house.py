"""How web tests sign in, post and look at pages. Every page that passes through here is checked."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import AsyncIterator, Mapping
from html.parser import HTMLParser
from uuid import UUID

import httpx

from hotline import people
from web import access, security

PASSWORD = "correct horse 电池 staple"
_numbers = itertools.count(1)
_FIELDS = {"input", "select", "textarea"}
_UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


class _Page(HTMLParser):
    """What a page must have, and what it must not."""

    def __init__(self) -> None:
        super().__init__()
        self.lang = ""
        self.title = ""
        self.h1 = 0
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[tuple[str, dict[str, str | None]]] = []
        self.wrong: list[str] = []
        self.tokens: list[str] = []
        self.posts = 0
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = dict(attrs)
        self._open.append(tag)
        if tag == "html":
            self.lang = got.get("lang") or ""
        if tag == "h1":
            self.h1 += 1
        if tag == "form" and (got.get("method") or "get").lower() == "post":
            self.posts += 1
        if tag == "label":
            self.labelled.add(got.get("for") or "")
        if got.get("name") == security.FIELD:
            self.tokens.append(got.get("value") or "")
        if got.get("id"):
            self.ids.append(got["id"] or "")
        self.wrong += [f"<{tag} {name}>" for name in got if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and not got.get("src")):
            self.wrong.append(f"inline <{tag}>")
        if tag in _FIELDS and (got.get("type") or "text") not in _UNLABELLED and "hidden" not in got:
            if not got.get("id"):
                self.wrong.append(f"<{tag} name={got.get('name')}> has no id")
            elif "label" not in self._open:
                self.fields.append((tag, got))
        if tag in ("input", "meta", "link", "br", "hr", "img", "source", "col", "wbr"):
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data


def checked(answer: httpx.Response) -> str:
    """The page's HTML, after looking that it is one as we make them. Raises AssertionError with what is wrong."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8", answer.headers["content-type"]
    assert answer.headers["content-security-policy"] == security.CONTENT_POLICY
    page = _Page()
    page.feed(answer.text)
    wrong = list(page.wrong)
    if page.lang not in ("zh-CN", "en"):
        wrong.append(f"lang is {page.lang!r}")
    if " · " not in page.title or page.title.strip().startswith("·"):
        wrong.append(f"title is {page.title!r}")
    if answer.status_code == 422 and not page.title.startswith(("错误：", "Error: ")):
        wrong.append(f"title of a 422 is {page.title!r}")
    if page.h1 != 1:
        wrong.append(f"{page.h1} h1")
    wrong += [f"id {one} twice" for one in {i for i in page.ids if page.ids.count(i) > 1}]
    wrong += [
        f"<{tag} id={got['id']}> has no label"
        for tag, got in page.fields
        if got["id"] not in page.labelled and not got.get("aria-label") and not got.get("aria-labelledby")
    ]
    if page.posts > len(page.tokens):
        wrong.append(f"{page.posts} post forms, {len(page.tokens)} tokens")
    assert not wrong, (answer.request.url, wrong)
    return answer.text


async def a_person(*roles: str, unit: str = "", jurisdiction: str = "", name: str = "王小明") -> tuple[UUID, str]:
    """A fresh person of these roles: id and login; the password is PASSWORD."""
    login = f"p{next(_numbers)}.{'-'.join(roles) or 'nobody'}"[:60].replace("_", "-")
    found = await people.add(login, name, PASSWORD, unit=unit, jurisdiction=jurisdiction, roles=roles)
    return found, login


@contextlib.asynccontextmanager
async def signed_in(
    client: httpx.AsyncClient, *roles: str, unit: str = "", jurisdiction: str = "", name: str = "王小明"
) -> AsyncIterator[UUID]:
    """``client`` is signed in as a fresh person of these roles (without the cost of the form); signed out after."""
    person, login = await a_person(*roles, unit=unit, jurisdiction=jurisdiction, name=name)
    token, _ = await people.sign_in(login, PASSWORD, "127.0.0.1")
    client.cookies.set(access.SESSION, token, domain="testserver.local")
    try:
        yield person
    finally:
        client.cookies.delete(access.SESSION)


async def get(client: httpx.AsyncClient, path: str, *, status: int = 200) -> str:
    """The page at ``path``, checked."""
    answer = await client.get(path)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
    return checked(answer)


async def htmx(client: httpx.AsyncClient, path: str, target: str = "", *, status: int = 200) -> str:
    """The fragment that htmx gets at ``path``."""
    answer = await client.get(path, headers={"HX-Request": "true", "HX-Target": target})
    assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
    assert "<html" not in answer.text
    return answer.text


async def token(client: httpx.AsyncClient, page: str) -> str:
    """The form token that ``page`` carries."""
    answer = await client.get(page)
    found = re.search(r'name="_token" value="([0-9a-f]{64})"', answer.text) or re.search(
        r'"X-CSRF-Token": "([0-9a-f]{64})"', answer.text
    )
    assert found, (page, answer.status_code, answer.text[:1000])
    return found[1]


async def post(
    client: httpx.AsyncClient,
    path: str,
    data: Mapping[str, object] | None = None,
    *,
    page: str = "/preferences",
    files: object = None,
    is_htmx: bool = False,
) -> httpx.Response:
    """Post a form as a browser does that has ``page`` open; redirects are not followed, pages are checked."""
    sent = {**(data or {}), security.FIELD: await token(client, page)}
    headers = {"HX-Request": "true"} if is_htmx else {}
    answer = await client.post(path, data=sent, files=files, headers=headers)
    if answer.headers.get("content-type", "").startswith("text/html") and answer.text and not is_htmx:
        checked(answer)
    return answer
