"""What a line of a list says of the case it stands for."""

from __future__ import annotations

import msgspec


class OfCase(msgspec.Struct, frozen=True, kw_only=True):
    """The case's own columns in a list of something else; enough for ``web.worklists.title_of``."""

    number: str
    title: str
    kind: str
    matter: str | None
    is_confidential: bool
    about_units: list[str]
    state: str

    @property
    def is_sealed(self) -> bool:
        """A report or a confidential case."""
        return self.kind == "report" or self.is_confidential


CASE = ", ".join(f"c.{name}" for name in OfCase.__struct_fields__)
