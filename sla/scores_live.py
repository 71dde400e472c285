"""A sheet of the present: the figures of a period from the fact store and the points, the units that they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from hotline import city, db
from hotline.city_nouns import Unit
from sla import facts, points
from sla.measures import MEASURES
from sla.scores_formula import Entry, Formula, Given, Group
from sla.scores_period import Period

OWN_TIER = 3
"""Units are scored where the city meets them: what is below counts for the one above."""
_ASIDE = """
    SELECT measure, unit, excluded, count(*)::int AS n FROM fact
    WHERE day >= $1 AND day < $2 AND measure = ANY($3::text[]) AND excluded IS NOT NULL GROUP BY 1, 2, 3
"""
_DIGESTS = """
    SELECT f.measure, m.root, encode(sha256(convert_to(string_agg(f.subject::text || f.good::text, ','
        ORDER BY f.subject), 'UTF8')), 'hex') AS digest
    FROM fact f JOIN unnest($4::text[], $5::text[]) m (unit, root) ON m.unit = f.unit
    WHERE f.day >= $1 AND f.day < $2 AND f.measure = ANY($3::text[]) AND f.excluded IS NULL GROUP BY 1, 2
"""
Figures = dict[str, dict[str, Given]]
"""By unit, then by measure."""


def root_of(code: str) -> str:
    """The department or county that a unit is scored with: itself, or the one above it that is of the third tier."""
    unit = city.current().unit(code)
    seen: set[str] = set()
    while unit is not None and unit.tier > OWN_TIER and unit.parent and unit.code not in seen:
        seen.add(unit.code)
        unit = city.current().unit(unit.parent)
    return unit.code if unit is not None else code


def group_of(formula: Formula, unit: Unit) -> Group | None:
    """The group that compares this unit with its likes; None when the formula has none for its kind."""
    kind = unit.kind
    if kind == "county":
        place = city.current().any_jurisdiction(unit.jurisdiction or "")
        kind = place.kind if place else kind
    return next((one for one in formula.groups if kind in one.kinds), None)


async def entries(connection: db.Connection, formula: Formula, period: Period) -> list[Entry]:
    """Every unit of the formula's groups with its figures: those that had something, and those in use that had not."""
    figures = await _figures(connection, formula, period.first, period.end)
    here = city.current()
    wanted = {code for code, unit in here.units.items() if unit.is_on and unit.tier == OWN_TIER} | figures.keys()
    found = []
    for code in sorted(wanted):
        unit = here.unit(code, period.first) or here.unit(code)
        group = group_of(formula, unit) if unit is not None else None
        if unit is None or group is None:
            continue
        own = figures.get(code, {})
        given = {item.code: own.get(item.measure, _none_of(item.figure)) for item in formula.items_of(group.code)}
        sample = own.get(formula.sample)
        found.append(
            Entry(unit=code, name_zh=unit.name_zh, name_en=unit.name_en, group=group.code, given=given,
                  sample=_size(sample))
        )  # fmt: skip
    return found


def _size(given: Given | None) -> int:
    if given is None:
        return 0
    return given.n if given.n is not None else int(given.value or 0)


def _none_of(figure: str) -> Given:
    return Given(value=Decimal(0)) if figure == "count" else Given()


async def _figures(connection: db.Connection, formula: Formula, first: date, end: date) -> Figures:
    """Figures by unit of the third tier and measure."""
    names = sorted({one.measure for one in formula.items if one.measure in MEASURES} | {formula.sample})
    sums: dict[tuple[str, str], list[int]] = {}
    for one in await facts.counted(connection, names, first, end, by="unit"):
        pair = sums.setdefault((root_of(one.key), one.measure), [0, 0])
        pair[0] += one.total
        pair[1] += one.good
    aside = await _aside(connection, names, first, end)
    found: Figures = {}
    for unit, measure in sums.keys() | aside.keys():
        total, good = sums.get((unit, measure), (0, 0))
        if unit:
            found.setdefault(unit, {})[measure] = _given(measure, total, good, aside.get((unit, measure), {}))
    if any(one.measure == "points" for one in formula.items):
        for code, n in (await points.totals(connection, first, end)).items():
            own = found.setdefault(root_of(code), {})
            before = own.get("points", Given(value=Decimal(0))).value or Decimal(0)
            own["points"] = Given(value=before + n)
    return found


def _given(measure: str, total: int, good: int, aside: Mapping[str, int]) -> Given:
    if MEASURES[measure].is_rate:
        return Given(hits=good, n=total, aside=dict(aside)) if total else Given(aside=dict(aside))
    return Given(value=Decimal(total), aside=dict(aside))


async def _aside(
    connection: db.Connection, names: Sequence[str], first: date, end: date
) -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in await connection.fetch(_ASIDE, first, end, list(names)):
        why = found.setdefault((root_of(row["unit"]), row["measure"]), {})
        why[row["excluded"]] = why.get(row["excluded"], 0) + row["n"]
    return found


async def digests(
    connection: db.Connection, formula: Formula, period: Period, unit: str = ""
) -> dict[tuple[str, str], str]:
    """SHA-256 over what each figure counts (ids and whether good, in order), by unit and measure; or of one unit."""
    names = sorted({one.measure for one in formula.items if one.measure in MEASURES})
    codes = list(city.current().subtree(unit)) if unit else await _units(connection, period)
    rows = await connection.fetch(
        _DIGESTS, period.first, period.end, names, codes, [root_of(code) for code in codes]
    )
    return {(row["root"], row["measure"]): row["digest"] for row in rows}


async def _units(connection: db.Connection, period: Period) -> list[str]:
    """Every unit that has a fact in the period."""
    rows = await connection.fetch(
        "SELECT DISTINCT key FROM fact_sum WHERE grain = 'day' AND first >= $1 AND first < $2 AND by = 'unit'"
        " AND within = '' AND key <> ''", period.first, period.end,
    )  # fmt: skip
    return [row["key"] for row in rows]
