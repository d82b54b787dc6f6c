with source as (
    select * from {{ source('lake', 'feed') }}
),

final as (
    select
        feed_id,
        title_en,
        title_ko,
        owner,
        licence,
        cadence,
        contract_version,
        primary_measure,
        expected_lag_days
    from source
)

select * from final
