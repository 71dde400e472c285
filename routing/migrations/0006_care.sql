-- Who coordinates enterprises' requests: a named leader of each township, county and of the city, day by day.

CREATE TABLE level_leader (
    id uuid PRIMARY KEY,
    unit text NOT NULL,
    level text NOT NULL CHECK (level IN ('township', 'district', 'city')),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 40),
    title text NOT NULL CHECK (char_length(title) <= 60),
    person uuid REFERENCES person (id) ON DELETE RESTRICT,
    valid_from date NOT NULL,
    valid_to date,
    CHECK (valid_to IS NULL OR valid_to >= valid_from)
);

CREATE UNIQUE INDEX level_leader_open ON level_leader (unit) WHERE valid_to IS NULL;
CREATE INDEX level_leader_person ON level_leader (person) WHERE person IS NOT NULL AND valid_to IS NULL;
