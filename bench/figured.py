"""A city's past for the benches of figures: beside the cases of ``bench.fill`` requests, shares, promises, grades, calls.

Straight into the tables, without a ledger but with as many events as real cases have, for the scans they cost. Of the
ended cases 62 % were answered at once, 35 % went to a unit, one in fifty was urged; calls are one and a half a case.
"""

from __future__ import annotations

import asyncpg

from bench import fill

_H = "abs(hashtext(c.number))"
_SHARED = f"({_H} % 100 < 35 OR c.is_open)"
_CLOCK = """INSERT INTO clock (id, case_id, subject, subject_id, unit, stage, profile, measure, amount, started_at, due_at,
    warn_at, is_provisional, stopped_at, outcome, breached_at)"""
_REST = (
    f"UPDATE cases c SET state = 'answered' WHERE NOT c.is_open AND NOT {_SHARED}",
    f"""INSERT INTO request (id, case_id, receipt_no, code_hash, state, kind, channel, line, reply_by, requester_kind,
        is_anonymous, filed_at, visit_tries, visited_at, is_solved, first_grade, final_grade, visit_channel)
    SELECT md5('r' || c.id)::uuid, c.id, 'B' || c.number, sha256('x'), CASE WHEN c.is_open THEN 'open' ELSE 'visited' END,
        (ARRAY['enquiry', 'assistance', 'assistance', 'complaint', 'suggestion', 'praise'])[1 + {_H} / 7 % 6],
        CASE WHEN {_H} % 50 > 4 THEN 'phone' ELSE (ARRAY['web', 'wechat', 'sms', 'email', 'web'])[1 + {_H} % 50] END,
        (ARRAY['12345', '12319', '12315'])[1 + {_H} / 11 % 3], 'none', 'person', false, c.opened_at, 0, v.at,
        CASE WHEN v.at IS NOT NULL THEN {_H} % 13 > 2 END, v.grade, v.grade, CASE WHEN v.at IS NOT NULL THEN 'phone' END
    FROM cases c, LATERAL (SELECT CASE WHEN {_SHARED} AND {_H} % 5 > 1 THEN c.closed_at END AS at,
        CASE WHEN {_SHARED} AND {_H} % 5 > 1 AND NOT c.is_open THEN
            CASE WHEN {_H} % 17 < 2 THEN 'dissatisfied' ELSE 'satisfied' END END AS grade) v""",
    f"""INSERT INTO assignment (id, case_id, unit, role, state, round, basis, profile, dispatched_at, dispatched_by,
        signed_at, handled_at, ended_at, hands, supervision)
    SELECT md5('a' || c.id)::uuid, c.id, c.lead_unit, 'lead', CASE WHEN c.is_open THEN 'in_progress' ELSE 'ended' END,
        1 + ({_H} % 31 = 0)::int, 'catalogue', 'STD5', c.opened_at + interval '20 minutes',
        '00000000-0000-0000-0000-000000000000', c.opened_at + interval '2 hours',
        CASE WHEN NOT c.is_open THEN c.closed_at END, CASE WHEN NOT c.is_open THEN c.closed_at END, '{{}}', 0
    FROM cases c WHERE {_SHARED}""",
    f"""{_CLOCK} SELECT md5('kc' || c.id)::uuid, c.id, 'case', c.id, '', 'accept', 'STD5', 'h', 2, c.opened_at,
        c.opened_at + interval '2 hours', c.opened_at + interval '1 hour', false,
        c.opened_at + {_H} % 140 * interval '1 minute', CASE WHEN {_H} % 140 > 120 THEN 'late' ELSE 'met' END, NULL
    FROM cases c""",
    f"""{_CLOCK} SELECT md5(s.stage || c.id)::uuid, c.id, 'assignment', md5('a' || c.id)::uuid, c.lead_unit, s.stage,
        'STD5', 'wd', s.days, c.opened_at, c.opened_at + s.days * interval '24 hours', c.opened_at, false,
        c.opened_at + s.days * ({_H} % 1600) * interval '1 minute',
        CASE WHEN s.days * ({_H} % 1600) > s.days * 1440 THEN 'late' ELSE 'met' END, NULL
    FROM cases c, (VALUES ('sign_off', 1), ('first_contact', 1), ('finish', 5)) s (stage, days)
    WHERE {_SHARED} AND NOT c.is_open""",
    """INSERT INTO rating (id, case_id, request_id, unit, grade, raw_grade, scale, channel, at)
    SELECT md5('g' || r.id)::uuid, c.id, r.id, c.lead_unit, r.first_grade, r.first_grade, 'four', 'visit', c.closed_at
    FROM request r JOIN cases c ON c.id = r.case_id WHERE r.first_grade IS NOT NULL""",
    """INSERT INTO alert (id, clock_id, case_id, unit, stage, at, due_at)
    SELECT md5('t' || k.id)::uuid, k.id, k.case_id, k.unit, k.stage, k.due_at, k.due_at FROM clock k
    WHERE k.outcome = 'late' AND k.subject = 'assignment'""",
    """INSERT INTO call (id, direction, purpose, line, state, outcome, started_at, queued_at, answered_at, ended_at)
    SELECT md5('call' || cid || n)::uuid, 'in', 'call', (ARRAY['12345', '12319', '12315'])[1 + i % 3], 'ended',
        CASE WHEN i % 29 = 0 THEN 'abandoned' ELSE 'answered' END, t, t,
        CASE WHEN i % 29 > 0 THEN t + i % 20 * interval '1 second' END, t + interval '3 minutes'
    FROM (SELECT c.id AS cid, n, c.opened_at + n * interval '7 seconds' AS t FROM cases c, generate_series(1, 2) n
        WHERE n = 1 OR abs(hashtext(c.number)) % 2 = 0) x, LATERAL (SELECT abs(hashtext(cid || '-' || n)) AS i) y""",
    """INSERT INTO outbox_message (id, key, case_id, request_id, channel, body, created_at, state, tries, sent_at)
    SELECT md5('o' || r.id)::uuid, 'o' || r.id, r.case_id, r.id, r.channel, '', r.filed_at, 'sent', 1,
        r.filed_at + interval '8 seconds'
    FROM request r WHERE r.channel IN ('sms', 'wechat', 'email')""",
)  # fmt: skip
_EVENTS = """
    INSERT INTO case_event (case_id, seq, kind, version, at, actor, actor_kind, unit, data, prev, hash, log, position)
    SELECT c.id, s, CASE WHEN s = 3 AND abs(hashtext(c.number)) % 50 = 0 THEN 'urged' ELSE 'noted' END, 1, c.opened_at,
        '00000000-0000-0000-0000-000000000000', 'system', '', '{}', CASE WHEN s = 1 THEN ''::bytea ELSE sha256('x') END,
        sha256('x'), CASE WHEN s % 2 = 0 THEN 'i' ELSE 'p' END,
        1 + ((s - 1) / 2) + (row_number() OVER (ORDER BY c.opened_at, c.id) - 1) / $1::int
            * CASE WHEN s % 2 = 0 THEN $1::int / 2 ELSE ($1::int + 1) / 2 END
    FROM cases c, generate_series(1, $1::int) s
"""


async def fill_figures(url: str, count: int, open_count: int, events: int = 6) -> None:
    """Put ``count`` cases with all that figures count of them into an empty database; as the owner."""
    await fill.fill(url, count, open_count)
    owner = await asyncpg.connect(url, command_timeout=None)
    try:
        for sql in _REST:
            await owner.execute(sql)
        await owner.execute(_EVENTS, events)
        await owner.execute("VACUUM ANALYZE")
    finally:
        await owner.close()
