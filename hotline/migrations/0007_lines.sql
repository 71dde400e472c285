-- A planned line whose number never came to be may be retired, too.

ALTER TABLE line
    DROP CONSTRAINT line_check1,
    ADD CONSTRAINT line_number_known
        CHECK (number ~ '^[0-9]{3,12}$' OR (phase IN ('planned', 'retired') AND number ~ '^[0-9]+x+$'));
