-- A unit may ask for more time before its promise ends; the ask waits on its share until the centre answers, the promise
-- ends or the share is settled. A statute that gives a case its own limit stands on the case, with its citation beside
-- the event.

ALTER TABLE assignment
    ADD COLUMN extension_asked_at timestamptz,
    ADD COLUMN extension_amount double precision CHECK (extension_amount >= 0),
    ADD COLUMN extension_unit text CHECK (extension_unit IN ('wd', 'h', 'clock')),
    ADD COLUMN extension_law text,
    ADD COLUMN extension_by text CHECK (extension_by IN ('centre', 'city', 'statute')),
    ADD CONSTRAINT assignment_extension CHECK (
        (extension_asked_at IS NULL) = (extension_amount IS NULL)
        AND (extension_asked_at IS NULL) = (extension_unit IS NULL)
        AND (extension_asked_at IS NULL) = (extension_by IS NULL)
        AND (extension_asked_at IS NOT NULL OR extension_law IS NULL));

ALTER TABLE cases ADD COLUMN law text;

CREATE INDEX assignment_extension_asked ON assignment (extension_asked_at) WHERE extension_asked_at IS NOT NULL;
