-- The hours of a working day from a day on, and what a county has otherwise than the city. The hours before the first
-- row are the rule hours.working; a county without rows has the city's.

CREATE TABLE working_hours (
    jurisdiction text NOT NULL CHECK (jurisdiction = '' OR jurisdiction ~ '^[0-9]{6}$'),
    valid_from date NOT NULL,
    hours text NOT NULL CHECK (hours ~ '^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]( |$)'
        OR (hours = '' AND jurisdiction <> '')),
    PRIMARY KEY (jurisdiction, valid_from)
);

CREATE TABLE local_day (
    jurisdiction text NOT NULL CHECK (jurisdiction ~ '^[0-9]{6}$'),
    day date NOT NULL,
    is_working boolean NOT NULL,
    name_zh text NOT NULL CHECK (name_zh <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    PRIMARY KEY (jurisdiction, day)
);

CREATE TRIGGER city_changed AFTER INSERT OR UPDATE OR DELETE ON working_hours
    FOR EACH STATEMENT EXECUTE FUNCTION city_changed();
CREATE TRIGGER city_changed AFTER INSERT OR UPDATE OR DELETE ON local_day
    FOR EACH STATEMENT EXECUTE FUNCTION city_changed();
