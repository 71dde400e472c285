-- What boards read: running promises by unit and stage and by due moment from their indexes alone, how long past ones
-- took, and which running ones are likely to be late. The last two tables are made anew by jobs (sla/forecast.py).

DROP INDEX clock_running;
CREATE INDEX clock_running ON clock (unit, stage, due_at) INCLUDE (id, case_id, warn_at, paused_at)
    WHERE stopped_at IS NULL;
CREATE INDEX clock_running_due ON clock (due_at, id) WHERE stopped_at IS NULL;

-- "*" stands for any unit, any matter. used: the 5th to 95th percentile of the share of their time that they used.
CREATE TABLE handling_time (
    stage text NOT NULL,
    unit text NOT NULL,
    matter text NOT NULL,
    n integer NOT NULL CHECK (n > 0),
    late integer NOT NULL CHECK (late BETWEEN 0 AND n),
    p50_hours double precision NOT NULL,
    p90_hours double precision NOT NULL,
    used double precision[] NOT NULL CHECK (cardinality(used) = 19),
    at timestamptz NOT NULL,
    PRIMARY KEY (stage, unit, matter)
);

CREATE TABLE forecast (
    clock_id uuid PRIMARY KEY REFERENCES clock ON DELETE RESTRICT,
    chance smallint NOT NULL CHECK (chance BETWEEN 0 AND 100),
    basis text NOT NULL CHECK (basis IN ('matter', 'unit', 'stage')),
    n integer NOT NULL,
    at timestamptz NOT NULL
);
