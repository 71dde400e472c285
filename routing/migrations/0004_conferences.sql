-- Conferences (会商, 联席会议): an agenda of disputed cases, who takes part, what was decided, the minutes (seed 002-05).

CREATE TABLE conference (
    id uuid PRIMARY KEY,
    year integer NOT NULL,
    n integer NOT NULL CHECK (n >= 1),
    state text NOT NULL CHECK (state IN ('planned', 'held', 'cancelled')),
    starts_at timestamptz NOT NULL,
    place text NOT NULL CHECK (place <> ''),
    chair text NOT NULL CHECK (chair <> ''),
    called_at timestamptz NOT NULL,
    called_by uuid NOT NULL,
    ended_at timestamptz,
    ended_by uuid,
    reason text NOT NULL DEFAULT '',
    -- SHA-256 of the minutes as they were when the conference was held; also in the log of acts.
    minutes_hash bytea CHECK (octet_length(minutes_hash) = 32),
    UNIQUE (year, n),
    CHECK ((state = 'planned') = (ended_at IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK ((state = 'held') = (minutes_hash IS NOT NULL)),
    CHECK (state <> 'cancelled' OR reason <> '')
);

CREATE INDEX conference_planned ON conference (starts_at) WHERE state = 'planned';

CREATE TABLE conference_item (
    id uuid PRIMARY KEY,
    conference_id uuid NOT NULL REFERENCES conference ON DELETE RESTRICT,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    n integer NOT NULL CHECK (n >= 1),
    state text NOT NULL CHECK (state IN ('open', 'decided', 'postponed', 'withdrawn')),
    question text NOT NULL,
    -- The units concerned: they see the item and may write their position before the conference.
    units text[] NOT NULL,
    lead_unit text,
    co_units text[] NOT NULL DEFAULT '{}',
    decision text NOT NULL DEFAULT '',
    wants_precedent boolean NOT NULL DEFAULT false,
    -- The line of the dispatch catalogue that the decision became.
    precedent_line bigint REFERENCES catalogue_line ON DELETE RESTRICT,
    decided_at timestamptz,
    decided_by uuid,
    UNIQUE (conference_id, case_id),
    CHECK ((state = 'decided') = (decided_at IS NOT NULL)),
    CHECK ((decided_at IS NULL) = (lead_unit IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL))
);

CREATE INDEX conference_item_case ON conference_item (case_id);
CREATE UNIQUE INDEX conference_item_open ON conference_item (case_id) WHERE state = 'open';
CREATE INDEX conference_item_units ON conference_item USING gin (units);

CREATE TABLE conference_position (
    item_id uuid NOT NULL REFERENCES conference_item ON DELETE RESTRICT,
    unit text NOT NULL,
    words text NOT NULL,
    written_at timestamptz NOT NULL,
    written_by uuid NOT NULL,
    PRIMARY KEY (item_id, unit)
);

CREATE TABLE conference_participant (
    conference_id uuid NOT NULL REFERENCES conference ON DELETE RESTRICT,
    unit text NOT NULL,
    -- Who came for the unit, by name and post, as the minutes say it.
    person text NOT NULL DEFAULT '',
    is_present boolean,
    PRIMARY KEY (conference_id, unit)
);
