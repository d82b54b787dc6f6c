-- Every month in the trade fact has exactly one latest load, and none with a higher vintage beside it.
with trade as (
    select * from {{ ref('fct_trade_month') }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

months as (
    select
        trade_month,
        count(distinct case when is_latest_vintage then load_id end) as latest_loads,
        max(case when is_latest_vintage then vintage_number end) as latest_vintage_number
    from trade
    group by trade_month
),

newest as (
    select
        period_start,
        max(vintage_number) as newest_vintage_number
    from vintages
    where feed_id = 'customs_country_trade'
    group by period_start
),

final as (
    select
        months.trade_month,
        months.latest_loads,
        months.latest_vintage_number,
        newest.newest_vintage_number
    from months
    left join newest on months.trade_month = newest.period_start
    where
        not coalesce(
            months.latest_loads = 1
            and months.latest_vintage_number = newest.newest_vintage_number,
            false
        )
)

select * from final
