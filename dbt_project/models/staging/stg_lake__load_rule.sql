with source as (
    select * from {{ source('lake', 'load_rule') }}
),

final as (
    select
        load_id,
        rule,
        severity,
        dimension,
        failed_rows,
        quarantined_rows
    from source
)

select * from final
