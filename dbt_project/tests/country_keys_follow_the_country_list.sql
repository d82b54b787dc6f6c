-- Months that are not rebuilt after a change of the country list keep their old keys: then a full refresh is due.
with trade as (
    select * from {{ ref('fct_trade_month') }}
),

countries as (
    select * from {{ ref('dim_country') }}
),

final as (
    select
        trade.trade_month,
        trade.customs_code,
        trade.country_key,
        coalesce(countries.country_key, 'UNMAPPED') as listed_country_key
    from trade
    left join countries on trade.customs_code = countries.customs_code
    where trade.country_key <> coalesce(countries.country_key, 'UNMAPPED')
)

select * from final
