{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}

-- The source holds every file of each period that is to be rebuilt: loads are replaced as a whole, without a filter.
with trade as (
    select * from {{ ref('stg_customs__region_trade') }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

final as (
    select
        trade.trade_year,
        trade.region_key,
        trade.load_id,
        trade.region_name_ko,
        trade.source_file,
        vintages.vintage_number,
        trade.source_row,
        trade.exports_usd,
        trade.imports_usd,
        trade.trade_balance_usd,
        trade.export_declarations,
        trade.import_declarations,
        vintages.is_latest_vintage,
        trade.is_synthetic,
        trade.year_starts_on,
        trade.through_month,
        vintages.known_at,
        vintages.superseded_at
    from trade
    inner join vintages on trade.load_id = vintages.load_id
)

select * from final
