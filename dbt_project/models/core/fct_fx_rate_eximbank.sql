{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}

-- The source holds every file of each period that is to be rebuilt: loads are replaced as a whole, without a filter.
with rates as (
    select * from {{ ref('stg_fx__eximbank_rate') }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

final as (
    select
        rates.currency,
        rates.rate_on,
        rates.load_id,
        rates.quotation_unit,
        rates.currency_name_ko,
        rates.source_file,
        vintages.vintage_number,
        rates.source_row,
        rates.quote_units,
        rates.quoted_krw,
        rates.krw_per_unit,
        vintages.is_latest_vintage,
        rates.is_synthetic,
        vintages.known_at,
        vintages.superseded_at
    from rates
    inner join vintages on rates.load_id = vintages.load_id
)

select * from final
