"""Fills a database with so many cases that a queue can be drawn from: rows of ``cases`` only, straight into the table.

Their ids sort by the time they were opened, as the product's do (``hotline.ids``): a case's neighbours in a table are
its neighbours in the index. They have no ledger: what is measured on them is the queue, not verification. The open
ones are as many at every size unless asked otherwise: a city's open work does not grow with its archive.
"""

from __future__ import annotations

import random

import asyncpg

from cases.search import grams
from hotline import city

STREETS = (
    "人民东路", "人民西路", "和平路", "滏东大街", "滏西大街", "中华大街", "陵西大街", "展览路", "青年路", "光明大街", "雪驰路", "联纺路",
    "邯钢路", "渚河路", "农林路", "水厂路", "丛台路", "广安路", "北环路", "南环路",
)  # fmt: skip
ESTATES = (
    "锦绣花园",
    "美的城",
    "恒大绿洲",
    "阳光苑",
    "新世纪小区",
    "百花小区",
    "罗城头社区",
    "安居里",
    "电力小区",
    "铁路大院",
)
TROUBLES = (
    ("路灯不亮", "020201"), ("占道经营", "020101"), ("自来水发黄", "020401"), ("暖气不热", "020402"), ("垃圾没人清", "020102"),
    ("施工噪音", "010102"), ("工资拖欠", "010103"), ("公交改线", "030201"), ("物业不作为", "010301"), ("井盖丢失", "020202"),
    ("广场舞扰民", "050101"), ("网约车乱收费", "030101"),
)  # fmt: skip
TAILS = (
    "已经三天了，请尽快处理。",
    "反映多次没有结果。",
    "晚上特别严重，睡不好。",
    "老人孩子出行不便。",
    "希望给个答复。",
)

_SAMPLE = """
CREATE TEMP TABLE sample (n int PRIMARY KEY, title text, place text, grams text, matter text, county text, unit text,
    lat float8, lon float8)
"""
_ROWS = """
INSERT INTO cases (id, number, state, kind, urgency, matter, title, summary, county, place, lat, lon, line, channel,
    is_confidential, is_minor, is_investigation, is_vulnerable, is_enterprise, lead_unit, unit_codes, opened_at,
    accepted_at, closed_at, close_reason, rework_count, return_count, urge_count, request_count, supervision,
    next_due, next_stage, next_warn, is_provisional, is_open, grams, last_seq, last_hash)
SELECT (lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || '7' || substr(md5('case-' || i), 1, 3) || '8'
        || substr(md5('case-' || i), 4, 15))::uuid, to_char(i, 'FM000000000'),
    CASE WHEN NOT o THEN 'closed' WHEN i % 20 = 0 THEN 'registered'
        WHEN i % 20 = 1 THEN 'accepted' WHEN i % 20 = 2 THEN 'callback' ELSE 'active' END,
    'assistance', 'normal', s.matter, s.title, '', s.county, s.place, s.lat, s.lon, '12345', 'phone', false, false, false, false, false,
    s.unit, ARRAY[s.unit], t, t, CASE WHEN NOT o THEN t + interval '3 days' END, CASE WHEN NOT o THEN 'resolved' END,
    0, 0, 0, 1, 0, CASE WHEN o THEN t + interval '132 hours' END, CASE WHEN o THEN 'finish' END,
    CASE WHEN o THEN t + interval '108 hours' END, false, o, s.grams || ' ' || to_char(i, 'FM000000000'), 2, sha256('x')
FROM (SELECT i, i > $1::int - $2::int AS o,
        now() - ($1::int - i) * CASE WHEN i > $1::int - $2::int THEN interval '75 seconds' ELSE interval '20 seconds' END
        AS t FROM generate_series($3::int, $4::int) AS i) AS g
JOIN sample s ON s.n = abs(hashint4(g.i)) % $5::int
"""


def samples(count: int) -> list[tuple[int, str, str, str, str, str, str, float | None, float | None]]:
    """Titles, places (every third with a point) and their grams, as intake would make them; the same every time."""
    rng = random.Random(5)
    counties = [one for one in city.current().jurisdictions if city.current().unit(one)]
    found = []
    for n in range(count):
        trouble, matter = rng.choice(TROUBLES)
        place = f"{rng.choice(STREETS)}{rng.randint(1, 300)}号{rng.choice(ESTATES)}{rng.randint(1, 30)}号楼"
        county = rng.choice(counties)
        unit = rng.choice(["CGB", county, county])
        text = f"{place}{trouble}，{rng.choice(TAILS)}"
        title = f"{place[:12]}{trouble}"
        known = city.current().matter(matter)
        lat, lon = (36.5 + rng.random() / 5, 114.35 + rng.random() / 4) if n % 3 == 0 else (None, None)
        words = grams(f"{title} {place} {text}")
        found.append((n, title, place, words, matter if known else "020201", county, unit, lat, lon))
    return found


async def fill(url: str, count: int, open_count: int) -> None:
    """Put ``count`` cases in, the newest ``open_count`` of them open; as the owner, indexes built afterwards."""
    owner = await asyncpg.connect(url, command_timeout=None)
    try:
        await owner.execute("SET maintenance_work_mem = '256MB'; SET client_min_messages = warning")
        indexes = await owner.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'cases' AND indexname NOT LIKE '%pkey' "
            "AND indexname NOT LIKE '%number_key'"
        )
        for index in indexes:
            await owner.execute(f"DROP INDEX {index['indexname']}")
        await owner.execute(_SAMPLE)
        rows = samples(20_000)
        await owner.copy_records_to_table("sample", records=rows)
        await owner.execute("ANALYZE sample")
        for first in range(1, count + 1, 50_000):
            await owner.execute(_ROWS, count, open_count, first, min(first + 49_999, count), len(rows))
        for index in indexes:
            await owner.execute(index["indexdef"])
        await owner.execute("VACUUM ANALYZE cases")
    finally:
        await owner.close()
