-- Months that are not rebuilt after a change of the country list keep their old keys: then a full refresh is due.
with trade as (
    select * from {{ ref('fct_trade_month') }}
),

items as (
    select * from {{ ref('fct_trade_item_month') }}
),

countries as (
    select * from {{ ref('dim_country') }}
),

keyed as (
    select
        trade_month,
        customs_code,
        country_key
    from trade

    union

    select
        trade_month,
        customs_code,
        country_key
    from items
),

final as (
    select
        keyed.trade_month,
        keyed.customs_code,
        keyed.country_key,
        coalesce(countries.country_key, 'UNMAPPED') as listed_country_key
    from keyed
    left join countries on keyed.customs_code = countries.customs_code
    where keyed.country_key <> coalesce(countries.country_key, 'UNMAPPED')
)

select * from final
