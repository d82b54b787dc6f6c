with source as (
    select * from {{ source('lake', 'load') }}
),

final as (
    select
        load_id,
        feed_id,
        slice,
        outcome,
        arrival,
        raw_sha256,
        contract_version,
        suite_sha256,
        vintage_number,
        source_rows,
        accepted_rows,
        quarantined_rows,
        warning_count,
        is_newest_due,
        is_synthetic,
        period_start,
        period_end,
        known_at,
        due_at,
        committed_at
    from source
)

select * from final
