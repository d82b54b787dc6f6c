with rates as (
    select * from {{ ref('int_fx_rate__business_day') }}
),

final as (
    select
        currency,
        min(rate_on) as first_rate_on
    from rates
    group by currency
)

select * from final
