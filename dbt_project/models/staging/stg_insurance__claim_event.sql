with source as (
    select * from {{ source('lake', 'insurance_claim_event') }}
),

final as (
    select
        load_id,
        feed_id,
        event_id,
        claim_id,
        policy_id,
        obligor_id,
        event_type,
        product_code,
        risk_kind,
        buyer_country_iso2,
        paying_country_iso2,
        country_attribution as stated_attribution,
        recovery_source,
        currency,
        source_file,
        source_sha256,
        source_row,
        record_version,
        cast(underwriting_year as integer) as underwriting_year,
        cast(amount as decimal(24, 2)) as amount,
        is_cancelled as is_withdrawn,
        is_synthetic,
        event_on,
        updated_at
    from source
)

select * from final
