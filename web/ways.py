"""Which ways to be answered are offered, to citizens and at the desk: none by a door that this city has not opened."""

from __future__ import annotations

from collections.abc import Mapping

from channels import outbox
from hotline.errors import Say


def offered(ways: Mapping[str, Say]) -> dict[str, Say]:
    """The ways without e-mail where there is no such door: nothing would ever come."""
    return {code: say for code, say in ways.items() if code != "email" or "email" in outbox.SENDERS}
