-- What the city promises, as data: a profile has versions, each in force from a day on; version 1 is what came with the
-- city's rules (clock.*). 'ALL' holds the stages that are the same whatever the profile. A clock keeps the version that
-- it was made with, so that a change never moves a date that was promised.

CREATE TABLE promise_version (
    profile text NOT NULL CHECK (profile ~ '^[A-Z][A-Z0-9_]{1,19}$'),
    version integer NOT NULL CHECK (version > 1),
    effective_from date NOT NULL,
    content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
    note text NOT NULL CHECK (note <> ''),
    by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    PRIMARY KEY (profile, version)
);

CREATE TABLE statute (
    code text PRIMARY KEY CHECK (code ~ '^[A-Z][A-Z0-9_]{1,19}$'),
    name_zh text NOT NULL CHECK (name_zh <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    cite_zh text NOT NULL CHECK (cite_zh <> ''),
    cite_en text NOT NULL CHECK (cite_en <> ''),
    profile text NOT NULL,
    amount double precision CHECK (amount > 0),
    unit text CHECK (unit IN ('wd', 'h', 'clock')),
    is_on boolean NOT NULL DEFAULT true,
    CHECK ((amount IS NULL) = (unit IS NULL))
);

INSERT INTO statute (code, name_zh, name_en, cite_zh, cite_en, profile, amount, unit) VALUES
    ('LABOUR', '劳动保障监察', 'Labour inspection',
     '《劳动保障监察条例》第十七条：立案之日起 60 个工作日内完成调查，情况复杂的经批准可延长 30 个工作日',
     'Regulation on Labour Security Inspection, Art. 17: 60 working days from filing, 30 more when approved',
     'LAW60', 60, 'wd'),
    ('MEDIATION', '消费投诉调解', 'Consumer mediation',
     '《市场监督管理投诉举报处理暂行办法》第十四条、第二十一条：7 个工作日内决定是否受理，45 个工作日内调解不成的终止',
     'SAMR Measures on Complaints and Reports, Art. 14 and 21: taken up or not in 7 working days, ended in 45',
     'MKT7_45', 45, 'wd'),
    ('MARKET_REPORT', '市场监管举报', 'Market regulation report',
     '《市场监督管理投诉举报处理暂行办法》第三十一条：15 个工作日内核查并决定是否立案，经批准可延长 15 个工作日',
     'SAMR Measures on Complaints and Reports, Art. 31: filed or not in 15 working days, 15 more when approved',
     'RPT15', 15, 'wd'),
    ('PETITION', '信访事项', 'Petition',
     '《信访工作条例》第三十四条：受理之日起 60 日内办结，情况复杂的经批准可延长 30 日',
     'Regulation on Petition Work, Art. 34: 60 days from acceptance, 30 more when approved',
     'LAW60', 1440, 'clock');

CREATE TRIGGER promise_version_changed AFTER INSERT OR UPDATE OR DELETE ON promise_version
    FOR EACH STATEMENT EXECUTE FUNCTION city_changed();
CREATE TRIGGER statute_changed AFTER INSERT OR UPDATE OR DELETE ON statute
    FOR EACH STATEMENT EXECUTE FUNCTION city_changed();

ALTER TABLE clock ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);
