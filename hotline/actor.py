"""Who acts: a person in a role, a citizen with a code, or the system itself. No tables here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

SYSTEM_ID = UUID("00000000-0000-7000-8000-000000000001")
CITIZEN_ID = UUID("00000000-0000-7000-8000-000000000002")


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The one who acts, as the session (or the job) knows them.

    ``units`` are the codes of the person's unit and everything under it; ``jurisdiction`` narrows a county
    centre's people to their county, empty means the city. ``kind`` is staff, citizen or system.

    Roles, unit and county are those of the post at which the person sits (``hotline.posts``). ``behalf`` is whom they
    act for, whose post it then is; ``houses`` are the units of all posts of both, for the separation of hands.
    """

    id: UUID
    kind: str
    name: str = ""
    login: str = ""
    roles: frozenset[str] = frozenset()
    unit: str = ""
    units: tuple[str, ...] = ()
    jurisdiction: str = ""
    session: UUID | None = None
    how: str = "password"
    has_factor: bool = False
    proven_at: datetime | None = None
    """How the session was opened, whether the person has a second factor, and when it was last shown here."""
    post: str = ""
    """The key of the post at which they sit, "" for the person's own: a form fits the post at which it was drawn."""
    behalf: UUID | None = None
    behalf_name: str = ""
    houses: frozenset[str] = frozenset()
    has_posts: bool = False

    @property
    def persons(self) -> frozenset[UUID]:
        """Whose hands these are: the one who acts, and the one they act for."""
        return frozenset({self.id} if self.behalf is None else {self.id, self.behalf})

    @property
    def is_staff(self) -> bool:
        """A signed-in person of the centre or of a unit."""
        return self.kind == "staff"


SYSTEM = Actor(id=SYSTEM_ID, kind="system", name="系统")
CITIZEN = Actor(id=CITIZEN_ID, kind="citizen", name="诉求人")
