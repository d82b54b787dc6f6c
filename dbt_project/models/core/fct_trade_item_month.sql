{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}

-- The source holds every file of each period that is to be rebuilt: loads are replaced as a whole, without a filter.
with trade as (
    select * from {{ ref('stg_customs__item_country_trade') }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

countries as (
    select * from {{ ref('dim_country') }}
),

final as (
    select
        trade.trade_month,
        coalesce(countries.country_key, 'UNMAPPED') as country_key,
        trade.customs_code,
        trade.hs6_code,
        trade.load_id,
        trade.hs_name_ko,
        trade.source_file,
        vintages.vintage_number,
        trade.source_row,
        trade.exports_usd,
        trade.imports_usd,
        trade.trade_balance_usd,
        trade.export_weight_kg,
        trade.import_weight_kg,
        vintages.is_latest_vintage,
        trade.is_synthetic,
        vintages.known_at,
        vintages.superseded_at
    from trade
    inner join vintages on trade.load_id = vintages.load_id
    left join countries on trade.customs_code = countries.customs_code
)

select * from final
