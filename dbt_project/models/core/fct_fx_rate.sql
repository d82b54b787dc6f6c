{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}

-- The source holds every file of each period that is to be rebuilt: loads are replaced as a whole, without a filter.
with rates as (
    select * from {{ ref('stg_fx__daily_rate') }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

final as (
    select
        rates.currency,
        rates.rate_on,
        rates.load_id,
        rates.item_code,
        rates.item_name_ko,
        rates.unit_name_ko,
        vintages.vintage_number,
        rates.source_row,
        rates.quote_units,
        rates.quoted_krw,
        rates.krw_per_unit,
        vintages.is_latest_vintage,
        rates.is_synthetic,
        rates.rate_month,
        vintages.known_at,
        vintages.superseded_at
    from rates
    inner join vintages on rates.load_id = vintages.load_id
)

select * from final
