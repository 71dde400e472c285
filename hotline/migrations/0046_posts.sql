-- Roles by unit and county, who acts for whom and until when, and what a unit has beside its people.

ALTER TABLE role_grant
    ADD COLUMN unit text NOT NULL DEFAULT '',
    ADD COLUMN jurisdiction text NOT NULL DEFAULT '';
-- "" is the person's own unit or county; a grant is still never changed but for its last day.
DROP INDEX role_grant_open;
CREATE UNIQUE INDEX role_grant_open ON role_grant (person_id, role, unit, jurisdiction) WHERE valid_to IS NULL;
CREATE INDEX role_grant_unit ON role_grant (unit) WHERE unit <> '';

-- A person (delegate) may act for another (person) on these days; both names stand on the record then.
CREATE TABLE delegation (
    id          uuid PRIMARY KEY,
    person_id   uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    delegate_id uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    first_day   date NOT NULL,
    last_day    date NOT NULL,
    made_at     timestamptz NOT NULL,
    made_by     uuid NOT NULL,
    ended_at    timestamptz,
    ended_by    uuid,
    CHECK (last_day >= first_day),
    CHECK (person_id <> delegate_id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX delegation_delegate ON delegation (delegate_id, last_day) WHERE ended_at IS NULL;
CREATE INDEX delegation_person ON delegation (person_id, last_day) WHERE ended_at IS NULL;

-- Where a session sits: NULL is the person's own post. A post that is over falls back to it (hotline/posts.py).
ALTER TABLE session
    ADD COLUMN post_unit text,
    ADD COLUMN post_county text,
    ADD COLUMN delegation_id uuid REFERENCES delegation ON DELETE RESTRICT,
    ADD CHECK ((post_unit IS NULL) = (post_county IS NULL));

-- What a unit has beside its people by role: who is told when nobody of them is in, and the hours it is at work.
CREATE TABLE unit_desk (
    unit          text PRIMARY KEY,
    substitute_id uuid REFERENCES person ON DELETE RESTRICT,
    hours         text NOT NULL DEFAULT '' CHECK (hours = '' OR hours ~ '^\d\d:\d\d-\d\d:\d\d$'),
    changed_at    timestamptz NOT NULL,
    changed_by    uuid NOT NULL
);

-- What somebody who left had open and who has it now; given_to NULL is back in the pool. What is open, the pages ask.
CREATE TABLE handed_over (
    leaver_id uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    kind      text NOT NULL,
    subject   text NOT NULL,
    given_to  uuid REFERENCES person ON DELETE RESTRICT,
    given_at  timestamptz NOT NULL,
    given_by  uuid NOT NULL,
    PRIMARY KEY (leaver_id, kind, subject)
);
CREATE INDEX handed_over_to ON handed_over (given_to) WHERE given_to IS NOT NULL;
