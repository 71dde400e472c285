-- The fact store: what befell each case, by local day, made from the rows that the ledger projects; never edited by
-- hand, made anew at any time. `fact` is a line a fact with the case behind it; `fact_sum` the sums that boards read.

CREATE TABLE fact (
    measure text NOT NULL,
    subject uuid NOT NULL,
    case_id uuid REFERENCES cases ON DELETE RESTRICT,
    day date NOT NULL,
    unit text NOT NULL DEFAULT '',
    county text NOT NULL DEFAULT '',
    township text NOT NULL DEFAULT '',
    matter text NOT NULL DEFAULT '',
    line text NOT NULL DEFAULT '',
    channel text NOT NULL DEFAULT '',
    kind text NOT NULL DEFAULT '',
    good boolean NOT NULL,
    minutes integer,
    excluded text,
    PRIMARY KEY (measure, subject)
);

COMMENT ON TABLE fact IS 'One fact of one subject (case, request, assignment, clock, call) on one local day';
COMMENT ON COLUMN fact.good IS 'Counts in the numerator of the measure''s rate; always true for a plain count';
COMMENT ON COLUMN fact.excluded IS 'Why it counts in nothing (annulled, unreasonable, beyond_remit, withdrawn)';

CREATE INDEX fact_case ON fact (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX fact_day ON fact (day, measure, unit);

CREATE TABLE fact_sum (
    grain text NOT NULL CHECK (grain IN ('day', 'month')),
    first date NOT NULL,
    measure text NOT NULL,
    within text NOT NULL CHECK (within IN ('', 'county', 'unit', 'line')),
    place text NOT NULL,
    by text NOT NULL CHECK (by IN ('', 'county', 'unit', 'matter', 'township', 'line', 'channel', 'kind')),
    key text NOT NULL,
    total integer NOT NULL,
    good integer NOT NULL,
    put_aside integer NOT NULL,
    PRIMARY KEY (measure, within, place, by, grain, first, key),
    CHECK (within <> '' OR place = ''),
    CHECK (by <> '' OR key = ''),
    CHECK (within <> by OR within = '')
);

COMMENT ON TABLE fact_sum IS
    'Sums of facts of a day or month: of the whole city or within one county, unit or line; in all or by one more thing';

CREATE INDEX fact_sum_first ON fact_sum (grain, first);

-- How far the store has read the ledger: the last sealed position of each log whose cases it holds.
CREATE TABLE fact_mark (
    log text PRIMARY KEY,
    position bigint NOT NULL,
    at timestamptz NOT NULL
);
