with source as (
    select * from {{ source('lake', 'load_control_total') }}
),

final as (
    select
        load_id,
        measure,
        source_total,
        accepted_total,
        quarantined_total,
        source_total - accepted_total - quarantined_total as difference
    from source
)

select * from final
