-- A row outside its load's period would be rebuilt with the wrong month.
with loads as (
    select * from {{ ref('stg_lake__load') }}
),

trade as (
    select * from {{ ref('fct_trade_month') }}
),

rates as (
    select * from {{ ref('fct_fx_rate') }}
),

dated as (
    select
        load_id,
        trade_month as dated_on
    from trade

    union all

    select
        load_id,
        rate_on as dated_on
    from rates
),

final as (
    select
        dated.load_id,
        dated.dated_on,
        loads.period_start,
        loads.period_end
    from dated
    left join loads on dated.load_id = loads.load_id
    where not coalesce(dated.dated_on between loads.period_start and loads.period_end, false)
)

select * from final
