"""One datum, one source: the directory of units and the matter codes have one owner, everybody else reads."""

from __future__ import annotations

import httpx
import pytest

from hotline.roles import ROLES
from tests import builders as b
from tests.web import house

OWNED = ("/admin/units/CGB", "/admin/matters/020201", "/admin/lines/12345")


@pytest.mark.requirement("003-11")
async def test_units_matters_and_lines_are_changed_by_their_one_owner_and_read_only_for_everybody_else(
    client: httpx.AsyncClient,
) -> None:
    for role in ROLES:
        async with house.signed_in(client, role):
            for path in OWNED:
                seen = await client.get(path)
                tried = await client.post(path, data={"name_zh": "改名"})
                if "city.edit" in ROLES[role][1]:
                    assert seen.status_code == 200, (role, path)
                else:
                    assert {seen.status_code, tried.status_code} == {403}, (role, path)
    owners = [role for role in ROLES if "city.edit" in ROLES[role][1]]
    assert owners == ["admin"]


async def test_a_case_holds_the_code_of_its_matter_and_no_copy_of_its_name(client: httpx.AsyncClient) -> None:
    receipt = await b.a_case("dispatched")
    async with house.signed_in(client, "dispatcher", unit="HOT"):
        page = await house.get(client, f"/cases/{receipt.number}")
    assert "路灯不亮" in page
