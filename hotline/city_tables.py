"""The city's reference data as Piccolo tables, for administration; the schema is 0001_city.sql."""

from __future__ import annotations

from piccolo.columns import Array, BigSerial, Boolean, Date, SmallInt, Text
from piccolo.table import Table

from hotline import db
from hotline.line_hours import ALWAYS


class UnitTable(Table, tablename="unit", db=db.ENGINE):
    """Versions of units."""

    id = BigSerial(primary_key=True)
    code = Text()
    name_zh = Text()
    name_en = Text()
    kind = Text()
    tier = SmallInt()
    parent = Text(null=True)
    jurisdiction = Text(null=True)
    is_on = Boolean()
    valid_from = Date()
    valid_to = Date(null=True)
    successor = Text(null=True)
    needs_head = Boolean(default=False)


class MatterTable(Table, tablename="matter", db=db.ENGINE):
    """Versions of matters: one code city-wide, no county has its own."""

    id = BigSerial(primary_key=True)
    code = Text()
    l1_zh = Text()
    l2_zh = Text()
    l3_zh = Text()
    l1_en = Text()
    l2_en = Text()
    l3_en = Text()
    lead_unit = Text()
    route = Text()
    profile = Text()
    valid_from = Date()
    valid_to = Date(null=True)


class LineTable(Table, tablename="line", db=db.ENGINE):
    """Versions of lines."""

    id = BigSerial(primary_key=True)
    number = Text()
    name_zh = Text()
    name_en = Text()
    unit = Text()
    mode = Text()
    phase = Text()
    aliases = Array(base_column=Text())
    greeting_zh = Text()
    greeting_en = Text()
    valid_from = Date()
    valid_to = Date(null=True)
    hours = Text(default=ALWAYS)
    farewell_zh = Text()
    farewell_en = Text()


class RelatedTable(Table, tablename="related_number", db=db.ENGINE):
    """Numbers that are none of ours."""

    number = Text(primary_key=True)
    name_zh = Text()
    name_en = Text()
    treatment = Text()
    say_zh = Text()
    say_en = Text()
    clues = Array(base_column=Text())


class DayTable(Table, tablename="calendar_day", db=db.ENGINE):
    """Days that differ from Monday to Friday."""

    day = Date(primary_key=True)
    is_working = Boolean()
    name_zh = Text()
    name_en = Text()


class RuleTable(Table, tablename="rule", db=db.ENGINE):
    """The city's own numbers."""

    key = Text(primary_key=True)
    value = Text()
    unit = Text()
    note_zh = Text()
    note_en = Text()
    source = Text()
