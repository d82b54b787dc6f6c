with source as (
    select * from {{ source('lake', 'fx_daily_rate') }}
),

final as (
    select
        load_id,
        currency,
        item_code,
        item_name_ko,
        unit_name_ko,
        source_row,
        quote_units,
        cast(quoted_krw as decimal(18, 6)) as quoted_krw,
        cast(krw_per_unit as decimal(18, 8)) as krw_per_unit,
        is_synthetic,
        rate_on,
        cast({{ dbt.date_trunc('month', 'rate_on') }} as date) as rate_month
    from source
)

select * from final
