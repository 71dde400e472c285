-- Which steps of the ladder stand on a unit's share, and how many of its supervision orders are in force: a card that is
-- taken back leaves the others standing, and a case with an order in force is the supervision office's to close.

ALTER TABLE assignment
    ADD COLUMN steps smallint[] NOT NULL DEFAULT '{}',
    ADD COLUMN orders_open smallint NOT NULL DEFAULT 0 CHECK (orders_open >= 0);

UPDATE assignment a SET steps = s.steps FROM (
    SELECT (data::jsonb ->> 'assignment')::uuid AS id,
        array_agg(DISTINCT (CASE kind WHEN 'warned' THEN 2 WHEN 'breached' THEN 3 ELSE 4 END)::smallint ORDER BY
            (CASE kind WHEN 'warned' THEN 2 WHEN 'breached' THEN 3 ELSE 4 END)::smallint) AS steps
    FROM case_event WHERE kind IN ('warned', 'breached', 'ordered') AND data::jsonb ->> 'assignment' IS NOT NULL
    GROUP BY 1
) s WHERE a.id = s.id;

UPDATE assignment a SET orders_open = s.n FROM (
    SELECT (o.data::jsonb ->> 'assignment')::uuid AS id, count(*) AS n FROM case_event o WHERE o.kind = 'ordered'
    AND NOT EXISTS (SELECT FROM case_event r WHERE r.case_id = o.case_id AND r.kind = 'order_answered'
        AND r.data::jsonb ->> 'order' = o.data::jsonb ->> 'order')
    GROUP BY 1
) s WHERE a.id = s.id;

ALTER TABLE supervision_record DROP CONSTRAINT supervision_record_cause_check;
ALTER TABLE supervision_record ADD CONSTRAINT supervision_record_cause_check
    CHECK (cause IN ('rating', 'yellow', 'red', 'order', 'return_groundless', 'card_cancelled'));
