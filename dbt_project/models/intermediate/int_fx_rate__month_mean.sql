with rates as (
    select * from {{ ref('fct_fx_rate') }}
),

feeds as (
    select * from {{ ref('stg_lake__feed') }}
),

loads as (
    select * from {{ ref('stg_lake__load') }}
),

-- Loads of another kind of period may hold the same day once more; the newest of them counts.
trade_currency_rates as (
    select
        rates.rate_month,
        rates.rate_on,
        rates.krw_per_unit,
        rates.is_synthetic,
        rates.known_at,
        feeds.title_en || ', item ' || rates.item_code || ' ' || rates.item_name_ko as rate_source,
        row_number() over (
            partition by rates.rate_on
            order by rates.known_at desc nulls last, rates.load_id asc nulls last
        ) as place
    from rates
    left join loads on rates.load_id = loads.load_id
    left join feeds on loads.feed_id = feeds.feed_id
    where
        rates.is_latest_vintage
        and rates.currency = '{{ var("trade_currency") }}'
),

final as (
    select
        rate_month,
        case
            when count(*) < {{ var('whole_month_rate_days') }} then 'PARTIAL_MONTH'
            else 'CONVERTED'
        end as krw_status,
        max(rate_source) as rate_source,
        {{ decimal_mean('krw_per_unit') }} as usd_krw_rate,
        cast(count(*) as integer) as rate_days,
        bool_or(is_synthetic) as is_synthetic,
        min(rate_on) as rate_first_on,
        max(rate_on) as rate_last_on,
        max(known_at) as rate_known_at
    from trade_currency_rates
    where place = 1
    group by rate_month
)

select * from final
