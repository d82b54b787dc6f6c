with source as (
    select * from {{ source('lake', 'center_contract_event') }}
),

final as (
    select
        load_id,
        feed_id,
        event_id,
        center_code,
        event_type,
        company_id,
        buyer_id,
        buyer_country_iso2,
        hs_code,
        contract_no,
        currency,
        incoterms,
        payment_terms,
        esign_status,
        policy_id,
        source_file,
        source_sha256,
        source_row,
        schema_version,
        record_version,
        cast(contract_amount as decimal(24, 2)) as contract_amount,
        tenor_days,
        is_synthetic,
        {{ korean_date('event_at') }} as event_on,
        signed_on,
        ship_by_on,
        event_at,
        updated_at
    from source
)

select * from final
