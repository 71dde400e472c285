"""How administration calls things: kinds of unit, ways of a line, routes, fields, tabs. Data."""

from __future__ import annotations

from channels import partners, webhooks
from hotline import city
from hotline.actor import Actor
from hotline.errors import Say
from hotline.permissions import may
from hotline.roles import ROLES
from sla.targets import PROFILES

TABS = (
    ("/admin", Say("概况", "Overview"), "city.edit"),
    ("/people", Say("人员", "People"), "people.edit"),
    ("/admin/units", Say("单位", "Units"), "city.edit"),
    ("/admin/matters", Say("事项", "Matters"), "city.edit"),
    ("/care/leaders", Say("协调领导", "Leaders"), "city.edit"),
    ("/admin/catalogue", Say("派单目录", "Catalogue"), "routing.edit"),
    ("/rules", Say("派单规则", "Dispatch rules"), "routing.edit"),
    ("/models", Say("模型", "Models"), "routing.edit"),
    ("/promises", Say("时限", "Promises"), "promise.edit"),
    ("/admin/lines", Say("线路", "Lines"), "city.edit"),
    ("/admin/calendar", Say("日历", "Calendar"), "city.edit"),
    ("/visits/policy", Say("回访范围", "Return visits"), "visit.policy"),
    ("/admin/rules", Say("规则", "Rules"), "city.edit"),
    ("/whatif", Say("推演", "What if"), "promise.simulate"),
    ("/admin/jurisdictions", Say("区划", "Places"), "city.edit"),
    ("/admin/partners", Say("对接", "Partners"), "partner.edit"),
    ("/admin/operations", Say("运行", "Operations"), "operations.read"),
    ("/admin/acts", Say("日志", "Log"), "act.read"),
)
UNIT_KINDS = {
    "province": Say("省政府", "Provincial government"), "city": Say("市政府", "Municipal government"),
    "council": Say("政府办公厅（室）", "Government office"), "oversight": Say("督查", "Oversight"),
    "hotline": Say("热线中心", "Hotline centre"), "functional": Say("市直部门", "City department"),
    "vertical": Say("垂直管理部门", "Vertically managed"), "mass-org": Say("群团组织", "Mass organisation"),
    "utility": Say("公用事业", "Utility"), "county": Say("县（市、区）政府", "County government"),
    "township": Say("乡镇、街道", "Township"), "village": Say("村、社区", "Village"),
}  # fmt: skip
TIERS = {
    1: Say("省", "Province"), 2: Say("市", "City"), 3: Say("部门、县区", "Departments and counties"),
    4: Say("乡镇、街道", "Townships"), 5: Say("村、社区", "Villages"),
}  # fmt: skip
ROUTES = {
    "TERR": Say("属地：诉求所在县区承办", "Place: the county's own government"),
    "FUNC": Say("职能：按牵头部门", "Function: the lead department"),
    "UTIL": Say("公用事业：按牵头单位", "Utility: the lead body"),
}
ROUTES_SHORT = {
    "TERR": Say("属地", "By place"), "FUNC": Say("职能", "By function"), "UTIL": Say("公用事业", "Utility"),
}  # fmt: skip
PROFILE_NAMES = {code: Say(f"{code} {one.name.zh}", f"{code} {one.name.en}") for code, one in PROFILES.items()}
MODES = {
    "HOST": Say("主号", "Main number"), "MERGED": Say("整体并入", "Merged"),
    "MERGED_SEATS": Say("并入，保留专家座席", "Merged, specialist seats kept"),
    "DUAL": Say("双号并行", "Dual running"), "DUAL_EXPERT": Say("双号并行，专家解答", "Dual running, expert answers"),
    "SUBCENTRE": Say("设分中心，转接", "Sub-centre, calls transferred"),
    "TRANSFER": Say("转接，只留记录", "Transfer, record only"), "PARTNER": Say("合作单位，转接推送", "Partner"),
}  # fmt: skip
LINE_STATES = {
    "planned": Say("计划", "Planned"), "dual": Say("双号并行", "Dual-running"), "merged": Say("已并入", "Merged"),
    "connected": Say("转接", "Connected"), "retired": Say("已退役", "Retired"),
}  # fmt: skip
STATE_MODES = {
    "planned": tuple(MODES), "dual": ("DUAL", "DUAL_EXPERT"), "merged": ("MERGED", "MERGED_SEATS", "HOST"),
    "connected": ("SUBCENTRE", "TRANSFER", "PARTNER"), "retired": tuple(MODES),
}  # fmt: skip
TREATMENTS = {
    "EMERGENCY": Say("紧急号码，来电立即转接", "Emergency: calls are handed over at once"),
    "NOT_MERGED": Say("依法自行受理，不并入", "Takes its matters itself by law, never merged"),
    "PARTNER": Say("合作单位，转接推送", "Partner: transfer and push"),
    "TRANSFER": Say("转接，只留记录", "Transfer, record only"),
    "SUBCENTRE": Say("垂管分中心，转接", "Sub-centre, calls transferred"),
    "MERGED": Say("已并入本热线", "Merged into the hotline"),
    "WITHDRAWN": Say("已停用", "Withdrawn"),
}
RULE_UNITS = {
    "wd": Say("个工作日", "working days"), "h": Say("个工作小时", "working hours"),
    "clock": Say("小时（不分昼夜）", "hours, around the clock"), "minutes": Say("分钟", "minutes"),
    "seconds": Say("秒", "seconds"), "days": Say("天", "days"), "count": Say("次", ""), "points": Say("分", "points"),
    "percent": Say("%", "%"), "bytes": Say("字节", "bytes"), "characters": Say("字", "characters"),
    "years": Say("年", "years"), "text": Say("", ""), "date": Say("", ""),
}  # fmt: skip
FIELDS = {
    "name_zh": Say("中文名", "Chinese name"), "name_en": Say("英文名", "English name"), "name": Say("姓名", "Name"),
    "unit": Say("单位", "Unit"), "jurisdiction": Say("县区", "County"), "lang": Say("语言", "Language"),
    "parent": Say("上级", "Parent"), "is_on": Say("启用", "In use"),
    "needs_head": Say("经负责人批准", "Head approves"), "successor": Say("承接单位", "Successor"),
    "lead_unit": Say("默认单位", "Default unit"), "route": Say("派单方式", "Route"),
    "profile": Say("时限档案", "Clock profile"), "l1_zh": Say("一级（中）", "Level 1 (zh)"),
    "l2_zh": Say("二级（中）", "Level 2 (zh)"),
    "l3_zh": Say("名称（中）", "Name (zh)"), "l1_en": Say("一级（英）", "Level 1 (en)"),
    "l2_en": Say("二级（英）", "Level 2 (en)"), "l3_en": Say("名称（英）", "Name (en)"),
    "mode": Say("接入方式", "Way in"), "phase": Say("阶段", "Phase"), "state": Say("状态", "State"),
    "aliases": Say("别名号码", "Aliases"), "greeting_zh": Say("问候语（中）", "Greeting (zh)"),
    "greeting_en": Say("问候语（英）", "Greeting (en)"), "hours": Say("服务时间", "Opening hours"),
    "farewell_zh": Say("停用提示语（中）", "Farewell (zh)"), "farewell_en": Say("停用提示语（英）", "Farewell (en)"),
    "say_zh": Say("坐席怎么说（中）", "What is said (zh)"), "say_en": Say("坐席怎么说（英）", "What is said (en)"),
    "clues": Say("提示词", "Words that point to it"), "is_working": Say("上班", "Working"),
    "channel": Say("来源", "Source"), "per_minute": Say("每分钟次数", "Calls a minute"),
    "hook_url": Say("回调地址", "Web hook address"), "hook_events": Say("通知事项", "Events"),
    "is_hook_on": Say("回调启用", "Web hook on"), "is_intranet": Say("内网地址", "Intranet"),
    "value": Say("值", "Value"), "valid_to": Say("最后一天", "Last day"),
    "lead": Say("主办", "Lead"), "co_handlers": Say("协办", "Beside it"), "catalogue_tier": Say("层级", "Tier"),
}  # fmt: skip
DAY_KINDS = {"rest": Say("休息", "rest"), "work": Say("上班", "work")}
PHASES = {
    "planned": Say("计划", "planned"), "trial": Say("试运行", "trial"), "live": Say("运行", "live"),
    "retired": Say("退役", "retired"),
}  # fmt: skip


SOURCES = {
    "published practice of other hotline centres": "各地热线公开的做法", "product default": "产品默认",
    "State Council holiday notices": "国务院办公厅节假日安排通知",
}  # fmt: skip


def source(text: str) -> Say:
    """Where a rule's default comes from, as the seed file says it."""
    if text.startswith("product rule "):
        return Say(text.replace("product rule ", "产品规则第 ") + " 条", text)
    return Say(SOURCES.get(text, text), text)


def tabs(actor: Actor, path: str) -> list[tuple[Say, str, bool]]:
    """The places of administration that this person may open, and which one is shown."""
    best = max((at for at, _, _ in TABS if path == at or path.startswith(f"{at}/")), key=len, default="")
    return [(say, at, at == best) for at, say, need in TABS if may(actor, need)]


def role(code: str) -> Say:
    """A role's name."""
    return ROLES[code][0] if code in ROLES else Say(code, code)


def unit(code: str) -> Say:
    """A unit as administration shows it: its name and code; one that ended keeps its code."""
    found = city.current().unit(code)
    return Say(f"{found.name_zh}（{code}）", f"{found.name_en} ({code})") if found else Say(code or "—", code or "—")


def county(code: str) -> Say:
    """A county by name, abolished or not; empty is the whole city."""
    found = city.current().any_jurisdiction(code)
    return found.name if found else Say(code or "全市", code or "Whole city")


def value(field: str, text: str) -> Say:
    """A field's text as people read it."""
    plain = {"yes": Say("是", "yes"), "no": Say("否", "no"), "": Say("空", "empty")}
    known: dict[str, dict[str, Say]] = {
        "channel": partners.SOURCES,
        "lead": {
            "PLACE": Say("属地政府", "the place's government"),
            "MATTER": Say("事项的牵头单位", "the matter's own lead"),
        },
        "route": ROUTES_SHORT, "mode": MODES, "phase": PHASES, "state": LINE_STATES, "profile": PROFILE_NAMES,
    }  # fmt: skip
    kind, _, name = text.partition(" ")
    if field[:4].isdigit() and kind in DAY_KINDS:
        return Say(f"{DAY_KINDS[kind].zh} {name}".strip(), f"{DAY_KINDS[kind].en} {name}".strip())
    if field in known and text in known[field]:
        return known[field][text]
    if field in ("unit", "lead", "lead_unit", "parent", "successor") and text:
        return unit(text)
    if field == "jurisdiction":
        return county(text)
    if field == "hook_events" and text:
        names = [webhooks.EVENTS.get(code, Say(code, code)) for code in text.split()]
        return Say("、".join(n.zh for n in names), ", ".join(n.en for n in names))
    if field in ("role", "roles"):
        names = [role(code) for code in text.split()]
        return Say("、".join(n.zh for n in names) or "无", ", ".join(n.en for n in names) or "none")
    return plain.get(text, Say(text, text))


def unit_choices(*, tiers: tuple[int, ...] = (1, 2, 3, 4, 5)) -> dict[str, Say]:
    """Today's units to choose from, by tier and code."""
    units = sorted(city.current().units.values(), key=lambda one: (one.tier, one.code))
    return {
        one.code: Say(f"{one.name_zh} {one.code}", f"{one.name_en} {one.code}") for one in units if one.tier in tiers
    }


def county_choices() -> dict[str, Say]:
    """Today's counties to choose from."""
    return {code: one.name for code, one in city.current().jurisdictions.items()}
