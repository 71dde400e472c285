-- Outages of water, power, gas and heat: notices that calls are matched with; whose calls they answered; who was told.
CREATE TABLE outage (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('water', 'power', 'gas', 'heat')),
    is_planned boolean NOT NULL,
    unit text NOT NULL,
    since timestamptz NOT NULL,
    expected timestamptz CHECK (expected > since),
    cause text NOT NULL CHECK (cause <> ''),
    note text NOT NULL DEFAULT '',
    source text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'over', 'withdrawn')),
    round integer NOT NULL DEFAULT 1,
    over_at timestamptz,
    over_words text NOT NULL DEFAULT '',
    ended_at timestamptz,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    revision integer NOT NULL DEFAULT 1,
    CHECK ((state = 'over') = (over_at IS NOT NULL)),
    CHECK ((state = 'on') = (ended_at IS NULL))
);
CREATE INDEX outage_on ON outage (since) WHERE state = 'on';
CREATE INDEX outage_ended ON outage (ended_at) WHERE state <> 'on';

-- A line of the notice: a county or less of it; words are the roads, estates and other names that it says.
CREATE TABLE outage_area (
    outage_id uuid NOT NULL REFERENCES outage ON DELETE RESTRICT,
    position smallint NOT NULL,
    county text NOT NULL CHECK (county <> ''),
    township text NOT NULL DEFAULT '',
    village text NOT NULL DEFAULT '',
    words text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (outage_id, position)
);

-- What was changed and when; the words are what was said of it (why the end moved, how it ended, why it was wrong).
CREATE TABLE outage_change (
    outage_id uuid NOT NULL REFERENCES outage ON DELETE RESTRICT,
    seq integer NOT NULL,
    at timestamptz NOT NULL,
    by uuid NOT NULL,
    what text NOT NULL CHECK (what IN ('entered', 'moved', 'corrected', 'over', 'again', 'withdrawn')),
    before timestamptz,
    after timestamptz,
    words text NOT NULL DEFAULT '',
    PRIMARY KEY (outage_id, seq)
);

-- A requester whose call it answered. told_round is the round whose end they were told of; still_at: they say it is not.
CREATE TABLE outage_link (
    outage_id uuid NOT NULL REFERENCES outage ON DELETE RESTRICT,
    request_id uuid NOT NULL REFERENCES request ON DELETE RESTRICT,
    case_id uuid NOT NULL REFERENCES cases ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    wants_news boolean NOT NULL,
    told_round integer NOT NULL DEFAULT 0,
    told_at timestamptz,
    still_at timestamptz,
    PRIMARY KEY (outage_id, request_id)
);
CREATE INDEX outage_link_request ON outage_link (request_id);
CREATE INDEX outage_link_waiting ON outage_link (outage_id) WHERE wants_news;
