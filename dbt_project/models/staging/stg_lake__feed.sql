with source as (
    select * from {{ source('lake', 'feed') }}
),

final as (
    select
        feed_id,
        table_name,
        title_en,
        title_ko,
        owner,
        licence,
        cadence,
        arrival,
        period_kind,
        contract_version,
        primary_measure,
        expected_lag_days,
        freshness_limit_days,
        is_private
    from source
)

select * from final
