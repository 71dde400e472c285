-- What the fact store keeps besides sums of cases' facts: how long stages took, calls by the hour, the worst 24 hours of
-- each day, and what the store was made with: other definitions or another rule of counting grades make it anew.

-- Minutes in narrow classes (sla/facts_time.py), so that medians of any span come from sums alone.
CREATE TABLE fact_time (
    grain text NOT NULL CHECK (grain IN ('day', 'month')),
    first date NOT NULL,
    measure text NOT NULL,
    within text NOT NULL CHECK (within IN ('', 'county', 'unit', 'line')),
    place text NOT NULL,
    class smallint NOT NULL,
    n integer NOT NULL,
    PRIMARY KEY (within, place, measure, grain, first, class)
);

-- Calls that came into the queue and are decided, by the hour in which they queued.
CREATE TABLE fact_call (
    day date NOT NULL,
    hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    line text NOT NULL,
    calls integer NOT NULL CHECK (calls > 0),
    answered integer NOT NULL,
    quick integer NOT NULL,
    PRIMARY KEY (day, hour, line)
);

-- Of the 24 hours that end at some moment of the day those with the lowest answer rate; line '' is all together.
CREATE TABLE fact_worst (
    day date NOT NULL,
    line text NOT NULL,
    calls integer NOT NULL CHECK (calls > 0),
    answered integer NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (day, line)
);

CREATE TABLE fact_made (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    made_with text NOT NULL,
    at timestamptz NOT NULL
);

COMMENT ON COLUMN fact_made.made_with IS 'The version of the definitions and the rules that they read';

-- A sum that came to nothing is taken away.
CREATE INDEX fact_sum_nothing ON fact_sum (measure) WHERE total = 0 AND put_aside = 0;
CREATE INDEX fact_time_nothing ON fact_time (measure) WHERE n = 0;

-- A fact is checked against nothing and found by its case: the store is made of the cases and made anew at will, eight
-- rows a case, and each index more is paid for by every one of them.
ALTER TABLE fact DROP CONSTRAINT fact_case_id_fkey, DROP CONSTRAINT fact_pkey, ADD PRIMARY KEY (case_id, measure, subject);
DROP INDEX fact_case;
DROP INDEX fact_sum_first;
