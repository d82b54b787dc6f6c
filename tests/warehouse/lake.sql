-- The schema `lake` as a build finds it, empty but for the registered feeds.
create schema if not exists lake;

create or replace table lake.customs_country_trade (
    source_row BIGINT,
    reference_month DATE,
    customs_code VARCHAR,
    customs_name_ko VARCHAR,
    exports_usd DECIMAL(20,0),
    imports_usd DECIMAL(20,0),
    trade_balance_usd DECIMAL(20,0),
    export_declarations BIGINT,
    import_declarations BIGINT,
    load_id VARCHAR,
    is_synthetic BOOLEAN
);

create or replace table lake.fx_daily_rate (
    source_row BIGINT,
    rate_on DATE,
    currency VARCHAR,
    quote_units BIGINT,
    quoted_krw DECIMAL(18,6),
    krw_per_unit DECIMAL(18,8),
    item_code VARCHAR,
    item_name_ko VARCHAR,
    unit_name_ko VARCHAR,
    load_id VARCHAR,
    is_synthetic BOOLEAN
);

create or replace table lake.feed (
    feed_id VARCHAR,
    title_en VARCHAR,
    title_ko VARCHAR,
    owner VARCHAR,
    licence VARCHAR,
    cadence VARCHAR,
    expected_lag_days INTEGER,
    contract_version VARCHAR,
    primary_measure VARCHAR
);

create or replace table lake.load (
    load_id VARCHAR,
    feed_id VARCHAR,
    period_start DATE,
    period_end DATE,
    slice VARCHAR,
    vintage_number INTEGER,
    outcome VARCHAR,
    arrival VARCHAR,
    known_at TIMESTAMPTZ,
    due_at TIMESTAMPTZ,
    committed_at TIMESTAMPTZ,
    raw_sha256 VARCHAR,
    contract_version VARCHAR,
    suite_sha256 VARCHAR,
    source_rows BIGINT,
    accepted_rows BIGINT,
    quarantined_rows BIGINT,
    warning_count INTEGER,
    is_newest_due BOOLEAN,
    is_synthetic BOOLEAN
);

create or replace table lake.load_control_total (
    load_id VARCHAR,
    measure VARCHAR,
    source_total DECIMAL(38,6),
    accepted_total DECIMAL(38,6),
    quarantined_total DECIMAL(38,6)
);

create or replace table lake.load_rule (
    load_id VARCHAR,
    rule VARCHAR,
    severity VARCHAR,
    dimension VARCHAR,
    failed_rows BIGINT,
    quarantined_rows BIGINT
);

insert into lake.feed values
    ('customs_country_trade', 'Customs trade by country', '국가별 수출입실적', 'Trade team', 'KOGL 0', '0 1 * * *', 16, '1.0.0', 'exports_usd'),
    ('fx_daily_rate', 'Daily base rates', '일별 매매기준율', 'Trade team', 'KOGL 1', '0 1 * * *', 1, '1.0.0', 'quoted_krw');
