with source as (
    select * from {{ source('lake', 'insurance_exposure_month_end') }}
),

final as (
    select
        load_id,
        feed_id,
        policy_id,
        insured_party_id,
        obligor_id,
        product_code,
        company_size,
        region_key,
        industry_code,
        destination_country_iso2,
        buyer_country_iso2,
        paying_country_iso2,
        guarantor_country_iso2,
        project_country_iso2,
        country_attribution as stated_attribution,
        currency,
        source_file,
        source_sha256,
        source_row,
        record_version,
        cast(outstanding_amount as decimal(24, 2)) as outstanding_amount,
        cast(undrawn_amount as decimal(24, 2)) as undrawn_amount,
        cover_ratio,
        is_cancelled as is_withdrawn,
        is_synthetic,
        month_end_month,
        cast({{ dbt.last_day('month_end_month', 'month') }} as date) as month_end_on,
        issued_on,
        cover_ends_on,
        updated_at
    from source
)

select * from final
