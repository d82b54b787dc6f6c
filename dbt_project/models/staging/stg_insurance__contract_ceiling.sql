with source as (
    select * from {{ source('lake', 'insurance_contract_ceiling') }}
),

final as (
    select
        load_id,
        feed_id,
        product_group,
        source_file,
        source_sha256,
        source_row,
        record_version,
        cast(year as integer) as ceiling_year,
        cast(ceiling_amount_krw as decimal(28, 0)) as ceiling_amount_krw,
        is_synthetic,
        approved_on,
        updated_at
    from source
)

select * from final
