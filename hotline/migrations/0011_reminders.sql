-- How a person of the staff is reached, and who stands in while they are away. Addresses are sealed.

CREATE TABLE person_reach (
    person_id uuid PRIMARY KEY REFERENCES person ON DELETE RESTRICT,
    doors text[] NOT NULL DEFAULT '{}' CHECK (doors <@ ARRAY['sms', 'wechat', 'email']),
    sms bytea,
    wechat bytea,
    email bytea,
    quiet text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL,
    CHECK (NOT 'sms' = ANY (doors) OR sms IS NOT NULL),
    CHECK (NOT 'wechat' = ANY (doors) OR wechat IS NOT NULL),
    CHECK (NOT 'email' = ANY (doors) OR email IS NOT NULL)
);

CREATE TABLE absence (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    substitute_id uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    first_day date NOT NULL,
    last_day date NOT NULL,
    noted_at timestamptz NOT NULL,
    noted_by uuid NOT NULL,
    ended_at timestamptz,
    CHECK (last_day >= first_day),
    CHECK (person_id <> substitute_id)
);

CREATE INDEX absence_person ON absence (person_id, last_day) WHERE ended_at IS NULL;
CREATE INDEX absence_substitute ON absence (substitute_id, last_day) WHERE ended_at IS NULL;
