"""What stands right before and right after a name in running text, and where words end. Pure."""

from __future__ import annotations

BEFORE = frozenset(
    "元室号栋幢户层排楼员匠叔婶舅姨伯娃与业个为了会但位儿到区午厂及叫司同名后向告和喊因在处天如姓委室对寻将局店或所打托找把据是晚替有村校求由的"
    "知科称等管组给而被见让说请跟问队院骂"
)
"""Particles, verbs and ends of words after which a name may begin."""
AFTER = frozenset(
    "十百一七三不与两个为主举么乘九也买乱了二于五人什今从他以任休会伤伪住作你侵俩倒借值做停偷兄先克全八六其养再冒"
    "写几出到剪办半卖占却卷原去又及反受只叫召可吃合同后向吗吧吵告呢和咬哭唱啊喝四回因囤在坐埋堵填多夜天夫她姐"
    "威娘娶婚嫁安宰家对将就已带常应开强当怀态怎总想我所扇才扎打扔扯批找承把投抢抱担拉拒拽拿指挖挪捅捕接控推提"
    "搂摆摔摸撞撬擅收放救教敲昏昨是晒曾替有杀来欠此死残殴毁母每求没治流浇演烧焚父牵独玩用申电病登白的盖目看着"
    "知短砌砍离私种租称站竟等答签组经给缺罚联能自表被装要认让训讲诉说请调负贪赌走跌跑跟跳踢躺转辞辱过运还这违"
    "退送逃通遛遭那都醉锁问陪随隐难雇霸领驾骂骑骗"
)
"""Verbs, particles and numerals before which a name may end."""


def is_han(letter: str) -> bool:
    """Whether this is a Chinese character."""
    return "\u4e00" <= letter <= "\u9fff"


def is_open(text: str, at: int) -> bool:
    """Whether no Chinese character stands here: a mark, a blank, or the end of the text."""
    return not 0 <= at < len(text) or not "\u4e00" <= text[at] <= "\u9fff"


def is_edge(text: str, at: int, letters: frozenset[str]) -> bool:
    """Whether a name may have its edge here: one of ``letters`` or no Chinese character."""
    return is_open(text, at) or text[at] in letters
