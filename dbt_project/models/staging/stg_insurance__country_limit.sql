with source as (
    select * from {{ source('lake', 'insurance_country_limit') }}
),

final as (
    select
        load_id,
        feed_id,
        country_iso2,
        limit_type,
        acceptance_policy,
        source_file,
        source_sha256,
        source_row,
        record_version,
        cast(limit_amount_krw as decimal(28, 0)) as limit_amount_krw,
        is_cancelled as is_withdrawn,
        is_synthetic,
        valid_from,
        valid_to,
        updated_at
    from source
)

select * from final
