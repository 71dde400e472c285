"""The demo city's people and the accounts that `hotline up` prints. Imports next to nothing: `up` stays small."""

from __future__ import annotations

from typing import NamedTuple

from hotline.roles import ROLES


class DemoPerson(NamedTuple):
    """A person of the demo city. ``role`` may name several; ``jurisdiction`` narrows a county's people to it."""

    login: str
    name: str
    role: str
    unit: str
    jurisdiction: str = ""


PASSWORD = "demo-2026"  # noqa: S105 - printed on the terminal by `hotline up`, for a demo only
PEOPLE = (
    DemoPerson("agent", "王敏", "agent", "HOT"),
    DemoPerson("agent2", "李静", "agent", "HOT"),
    DemoPerson("shift", "赵刚", "shift_supervisor", "HOT"),
    DemoPerson("counter", "许洁", "counter", "HOT"),
    DemoPerson("dispatcher", "孙丽", "dispatcher", "HOT"),
    DemoPerson("callback", "周倩", "callback", "HOT"),
    DemoPerson("audit", "吴涛", "auditor", "HOT"),
    DemoPerson("supervisor", "郑强", "supervisor", "SUP"),
    DemoPerson("coord", "冯军", "coordination", "GOV"),
    DemoPerson("coord2", "魏宁", "coordination", "GOV"),
    DemoPerson("cgb", "陈浩", "unit_handler unit_liaison", "CGB"),
    DemoPerson("cgb_head", "褚建国", "unit_head", "CGB"),
    DemoPerson("cgb_deputy", "尤文博", "unit_deputy", "CGB"),
    DemoPerson("congtai", "卫东", "unit_handler unit_liaison", "130403", "130403"),
    DemoPerson("congtai_head", "秦岚", "unit_head", "130403", "130403"),
    DemoPerson("congtai_deputy", "施正", "unit_deputy", "130403", "130403"),
    DemoPerson("street", "华敏", "unit_handler unit_liaison", "130403001", "130403"),
    DemoPerson("village", "姜文", "unit_handler unit_liaison", "130403001001", "130403"),
    DemoPerson("congtai_lead", "许明远", "level_leader", "130403", "130403"),
    DemoPerson("mayor", "高志远", "level_leader", "GOV"),
    DemoPerson("county", "蒋红", "county_office", "130403", "130403"),
    DemoPerson("editor", "文静", "knowledge_editor", "HOT"),
    DemoPerson("publisher", "沈悦", "publication", "HOT"),
    DemoPerson("reviewer", "韩梅", "business_reviewer", "HOT"),
    DemoPerson("secrecy", "杨帆", "secrecy_reviewer", "GOV"),
    DemoPerson("admin", "朱辉", "admin", "HOT"),
)
"""The demo's people; all share PASSWORD."""

ACCOUNTS = tuple((one.login, PASSWORD, *ROLES[one.role.split()[0]][0]) for one in PEOPLE)
"""What `hotline up` prints: login, password, role in Chinese, role in English."""


def told() -> str:
    """The accounts as the terminal shows them, a line each."""
    return "\n".join(f"  {login:<16} {password:<16} {zh} / {en}" for login, password, zh, en in ACCOUNTS)
