-- Lines have hours of their own and say good-bye when they are retired; numbers that are none of ours say what to tell a caller.

ALTER TABLE line
    ADD COLUMN hours text NOT NULL DEFAULT '00:00-24:00' CHECK (hours <> ''),
    ADD COLUMN farewell_zh text NOT NULL DEFAULT '',
    ADD COLUMN farewell_en text NOT NULL DEFAULT '';

COMMENT ON COLUMN line.hours IS 'Weekly intervals on the city''s wall clock (hotline.line_hours): "Mo-Fr 09:00-17:00; Sa 09:00-12:00"';
COMMENT ON COLUMN line.farewell_zh IS 'What callers of the retired number hear; empty: the product''s sentence';

ALTER TABLE related_number
    ADD COLUMN say_zh text NOT NULL DEFAULT '',
    ADD COLUMN say_en text NOT NULL DEFAULT '',
    ADD COLUMN clues text[] NOT NULL DEFAULT '{}';

COMMENT ON COLUMN related_number.say_zh IS 'What the agent tells the caller';
COMMENT ON COLUMN related_number.clues IS 'Words by which the desk thinks of this number';
