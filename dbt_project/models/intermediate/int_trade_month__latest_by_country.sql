with trade as (
    select * from {{ ref('fct_trade_month') }}
),

-- Several codes that the country list does not know fall on one country key, so a month's rows are summed by key.
by_country as (
    select
        trade_month,
        country_key,
        max(load_id) as load_id,
        cast(sum(exports_usd) as decimal(28, 2)) as exports_usd,
        cast(sum(imports_usd) as decimal(28, 2)) as imports_usd,
        bool_or(is_synthetic) as is_synthetic,
        max(known_at) as known_at
    from trade
    where is_latest_vintage
    group by trade_month, country_key
),

final as (
    select
        trade_month,
        country_key,
        load_id,
        exports_usd,
        imports_usd,
        cast(sum(exports_usd) over (partition by trade_month) as decimal(28, 2)) as world_exports_usd,
        is_synthetic,
        known_at
    from by_country
)

select * from final
