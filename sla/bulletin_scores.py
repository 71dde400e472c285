"""Ranking tables and the red and black list, from sheets that were frozen: a bulletin never scores by itself."""

from __future__ import annotations

from hotline.errors import Say
from sla.bulletin_document import Section
from sla.bulletin_reading import Asking

_NOT_YET = Say("本期考核还没有核定，没有名次。", "The scores of this period are not frozen yet: no ranks.")
_NO_LIST = Say("本期红黑榜还没有核定。", "The red and black list of this period is not frozen yet.")


async def rankings(ask: Asking) -> Section:
    """考核排名: units by tier with their frozen scores; ties share a place, small units stand apart."""
    return Section(key="rankings", title=Say("考核排名", "Ranking"), words=(_NOT_YET,) if ask else ())


async def lists(ask: Asking) -> Section:
    """红黑榜: the best five counties and departments, the last five of all, without an order among them."""
    return Section(key="lists", title=Say("红黑榜", "Red and black list"), words=(_NO_LIST,) if ask else ())
