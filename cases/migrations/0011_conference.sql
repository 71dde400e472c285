-- A conference's decision binds: the share it names cannot be returned, also where the unit had it before.
ALTER TABLE assignment ADD COLUMN is_binding boolean NOT NULL DEFAULT false;
UPDATE assignment SET is_binding = true WHERE basis = 'conference';

CREATE INDEX cases_in_conference ON cases (opened_at, id) WHERE state = 'in_conference';
