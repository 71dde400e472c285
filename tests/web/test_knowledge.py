"""Knowledge from the first draft to the public's answer, through HTTP."""

from __future__ import annotations

import pytest

from hotline import clock, db, knowledge
from hotline import knowledge_decisions as decisions
from hotline import knowledge_verbs as verbs
from hotline.knowledge_rows import Words
from tests import builders
from tests.engines import Place

pytestmark = pytest.mark.anyio


async def test_skeleton(database: Place) -> None:
    handler, editor = await builders.person("cgb"), await builders.person("editor")
    words = Words(wordings=("路灯坏了找谁", "路灯不亮多久修好"), answer="城管局三个工作日内修。", matter="020101" ,
                  sources="《城市照明管理规定》 | 住建部令第 4 号", valid_from=clock.today())
    async with db.atomic() as connection:
        from hotline import city
        words = type(words)(**{**{f: getattr(words, f) for f in words.__struct_fields__}, "matter": next(iter(city.current().matters))})
        one = await verbs.write(connection, handler, handler.unit, words)
        await verbs.submit(connection, handler, one)
        await decisions.approve(connection, editor, one)
        found = await knowledge.search(connection, "我家门口路灯不亮了")
    assert [hit.id for hit in found] == [one]
