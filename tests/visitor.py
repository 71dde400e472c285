"""A person without JavaScript: opens pages, fills the form that is there, presses its button."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import httpx
import msgspec


class Form(msgspec.Struct):
    """One form of a page: where it goes, how, and what its fields hold already."""

    action: str
    method: str = "get"
    is_multipart: bool = False
    fields: dict[str, list[str]] = {}
    names: set[str] = set()


class _Reader(HTMLParser):
    """Collects the forms of a page as a browser would send them, and its visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._select: str = ""
        self._area: str = ""
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag in {"script", "style", "head"}:
            self._quiet += 1
        if tag == "form":
            kind = got.get("enctype", "") == "multipart/form-data"
            self._form = Form(got.get("action", ""), got.get("method", "get").lower(), kind, {}, set())
            self.forms.append(self._form)
        if self._form is None:
            return
        name = got.get("name", "")
        if tag == "input" and name:
            self._input(name, got)
        elif tag == "select":
            self._select = name
            self._form.names.add(name)
        elif tag == "option" and self._select:
            held = self._form.fields
            if "selected" in got or self._select not in held:
                held[self._select] = [got.get("value", "")]
        elif tag == "textarea":
            self._area = name
            self._form.names.add(name)
            self._form.fields[name] = [""]
        elif tag == "button" and name:
            self._form.names.add(name)

    def _input(self, name: str, got: dict[str, str]) -> None:
        assert self._form is not None
        self._form.names.add(name)
        kind = got.get("type", "text")
        if kind in {"submit", "button", "file", "reset", "image"}:
            return
        if kind in {"radio", "checkbox"}:
            if "checked" in got:
                self._form.fields.setdefault(name, []).append(got.get("value", "on"))
            return
        self._form.fields.setdefault(name, []).append(got.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "head"}:
            self._quiet -= 1
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area][0] += data
        elif not self._quiet and data.strip():
            self.text.append(data.strip())


class Visitor:
    """One person with their cookies. ``page`` is the last answer, ``text`` what it says."""

    def __init__(self, address: str) -> None:
        # Plain HTTP: reading the certificates of all authorities takes longer than the page.
        self.client = httpx.AsyncClient(base_url=address, timeout=30, follow_redirects=True, verify=False)  # noqa: S501
        self.page: httpx.Response
        self.forms: list[Form] = []
        self.text = ""

    async def open(self, path: str) -> str:
        """Go to a page; its text."""
        return self._see(await self.client.get(path))

    async def submit(self, to: str, **given: Any) -> str:
        """Fill the form whose action ends with ``to`` and send it; names that the form lacks are an error."""
        form = next((one for one in self.forms if one.action.partition("?")[0].endswith(to)), None)
        assert form is not None, f"no form to {to} on {self.page.url}: {[f.action for f in self.forms]}\n{self.text}"
        strange = set(given) - form.names
        assert not strange, f"the form to {to} has no field {strange}, only {sorted(form.names)}"
        data = {**form.fields, **{k: v if isinstance(v, list) else [str(v)] for k, v in given.items()}}
        target = str(self.page.url.join(form.action))
        if form.method == "get":
            return self._see(await self.client.get(target, params=data))
        if form.is_multipart:
            files = [("_", ("", b""))]
            return self._see(await self.client.post(target, data=data, files=files))
        return self._see(await self.client.post(target, data=data))

    def _see(self, answer: httpx.Response) -> str:
        self.page = answer
        reader = _Reader()
        reader.feed(answer.text)
        self.forms, self.text = reader.forms, "\n".join(reader.text)
        return self.text

    async def sign_in(self, login: str, password: str = "demo-2026") -> None:
        """Sign in as one of the demo city's people."""
        await self.open("/sign-in")
        await self.submit("/sign-in", login=login, password=password)
        assert "/sign-in" not in str(self.page.url), self.text
