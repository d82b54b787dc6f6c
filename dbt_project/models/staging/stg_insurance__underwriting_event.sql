with source as (
    select * from {{ source('lake', 'insurance_underwriting_event') }}
),

-- A record that its sender takes back is withdrawn; cancelled is the word for cover that ended by an event of its own.
final as (
    select
        load_id,
        feed_id,
        event_id,
        policy_id,
        amends_event_id,
        insured_party_id,
        obligor_id,
        center_contract_no,
        event_type,
        product_code,
        risk_kind,
        company_size,
        region_key,
        industry_code,
        strategic_industry,
        hs_code,
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
        deal_sequence,
        term_days,
        cast(insured_value as decimal(24, 2)) as insured_value,
        cover_ratio,
        cast(insured_amount as decimal(24, 2)) as insured_amount,
        cast(premium_krw as decimal(28, 0)) as premium_krw,
        is_cancelled as is_withdrawn,
        is_synthetic,
        event_on,
        decided_on,
        cover_starts_on,
        cover_ends_on,
        updated_at
    from source
)

select * from final
