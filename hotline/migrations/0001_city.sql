-- The city as data: units, places, matters, lines, calendar and the city's own numbers, each valid from a day to a day.
-- valid_to is the last valid day; null means "until further notice". On one day a code has at most one version.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE city_version (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    version bigint NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO city_version DEFAULT VALUES;

-- Every change of reference data moves the version, whoever makes it: each process then reads its snapshot anew.
CREATE FUNCTION city_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE city_version SET version = version + 1, changed_at = now();
    RETURN NULL;
END $$;

CREATE TABLE jurisdiction (
    id bigserial PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[0-9]{6}$'),
    name_zh text NOT NULL CHECK (name_zh <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    kind text NOT NULL CHECK (kind IN ('district', 'county', 'county_city', 'zone')),
    aliases text[] NOT NULL DEFAULT '{}',
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    successor text CHECK (successor <> code),
    UNIQUE (code, valid_from),
    EXCLUDE USING gist (code WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

-- A township keeps its code of the statistics; its county is the administrative one of the day, which may differ.
CREATE TABLE township (
    id bigserial PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[0-9]{9}$'),
    name_zh text NOT NULL CHECK (name_zh <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    county text NOT NULL,
    stat_county text NOT NULL,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    UNIQUE (code, valid_from),
    EXCLUDE USING gist (code WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

-- Tiers: 1 province, 2 city, 3 departments and county governments, 4 townships, 5 villages.
CREATE TABLE unit (
    id bigserial PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[A-Z0-9]{2,12}$'),
    name_zh text NOT NULL CHECK (name_zh <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    kind text NOT NULL CHECK (kind IN ('province', 'city', 'council', 'oversight', 'hotline', 'functional', 'vertical',
        'mass-org', 'utility', 'county', 'township', 'village')),
    tier smallint NOT NULL CHECK (tier BETWEEN 1 AND 5),
    parent text CHECK (parent <> code),
    jurisdiction text,
    is_on boolean NOT NULL DEFAULT false,
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    successor text CHECK (successor <> code),
    CHECK ((tier = 1) = (parent IS NULL)),
    UNIQUE (code, valid_from),
    EXCLUDE USING gist (code WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

-- One code city-wide: there is no county column, and the exclusion allows one row a code on any day.
CREATE TABLE matter (
    id bigserial PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[0-9]{6}$'),
    l1_zh text NOT NULL CHECK (l1_zh <> ''),
    l2_zh text NOT NULL CHECK (l2_zh <> ''),
    l3_zh text NOT NULL CHECK (l3_zh <> ''),
    l1_en text NOT NULL CHECK (l1_en <> ''),
    l2_en text NOT NULL CHECK (l2_en <> ''),
    l3_en text NOT NULL CHECK (l3_en <> ''),
    lead_unit text NOT NULL,
    route text NOT NULL CHECK (route IN ('TERR', 'FUNC', 'UTIL')),
    profile text NOT NULL CHECK (profile IN ('EMG2H', 'UTIL24H', 'CON1', 'STD5', 'CPX15', 'RPT15', 'MKT7_45', 'LAW60',
        'NOTICE3')),
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    UNIQUE (code, valid_from),
    EXCLUDE USING gist (code WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

-- The emergency numbers are never lines of the hotline: they are handed over to, see related_number.
CREATE TABLE line (
    id bigserial PRIMARY KEY,
    number text NOT NULL CHECK (number NOT IN ('110', '119', '120', '122')),
    name_zh text NOT NULL CHECK (name_zh <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    unit text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('HOST', 'MERGED', 'MERGED_SEATS', 'DUAL', 'DUAL_EXPERT', 'SUBCENTRE', 'TRANSFER',
        'PARTNER')),
    phase text NOT NULL CHECK (phase IN ('planned', 'trial', 'live', 'retired')),
    aliases text[] NOT NULL DEFAULT '{}' CHECK (NOT aliases && ARRAY['110', '119', '120', '122']),
    greeting_zh text NOT NULL DEFAULT '',
    greeting_en text NOT NULL DEFAULT '',
    valid_from date NOT NULL,
    valid_to date CHECK (valid_to >= valid_from),
    -- a planned line may stand with a placeholder such as 96xxx until its number is known
    CHECK (number ~ '^[0-9]{3,12}$' OR (phase = 'planned' AND number ~ '^[0-9]+x+$')),
    UNIQUE (number, valid_from),
    EXCLUDE USING gist (number WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

CREATE TABLE related_number (
    number text PRIMARY KEY CHECK (number ~ '^[0-9]{3,12}$'),
    name_zh text NOT NULL CHECK (name_zh <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    unit text,
    treatment text NOT NULL CHECK (treatment IN ('EMERGENCY', 'PARTNER', 'TRANSFER', 'MERGED', 'SUBCENTRE',
        'NOT_MERGED', 'WITHDRAWN'))
);

-- Only the days that differ from Monday to Friday.
CREATE TABLE calendar_day (
    day date PRIMARY KEY,
    is_working boolean NOT NULL,
    name_zh text NOT NULL CHECK (name_zh <> ''),
    name_en text NOT NULL CHECK (name_en <> '')
);

-- The city's own numbers (rules.md): each has a default with its source and is the city's to set.
CREATE TABLE rule (
    key text PRIMARY KEY CHECK (key ~ '^[a-zA-Z0-9_.]+$'),
    value text NOT NULL CHECK (value <> ''),
    unit text NOT NULL CHECK (unit IN ('wd', 'h', 'clock', 'minutes', 'seconds', 'days', 'count', 'points', 'percent',
        'bytes', 'characters', 'years', 'text', 'date')),
    note_zh text NOT NULL CHECK (note_zh <> ''),
    note_en text NOT NULL CHECK (note_en <> ''),
    source text NOT NULL CHECK (source <> '')
);

DO $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['jurisdiction', 'township', 'unit', 'matter', 'line', 'related_number', 'calendar_day',
        'rule']
    LOOP
        EXECUTE format('CREATE TRIGGER city_changed AFTER INSERT OR UPDATE OR DELETE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION city_changed()', one);
    END LOOP;
END $$;
