-- What is claimed and what is paid; recoveries and settlements of exchange-rate insurance are apart.
with events as (
    select * from {{ ref('fct_claim_event') }}
),

final as (
    select
        event_id,
        feed_id,
        load_id,
        claim_id,
        policy_id,
        obligor_id,
        event_type,
        product_code,
        risk_kind,
        attributed_country_iso2,
        country_attribution,
        currency,
        fx_source,
        krw_status,
        source_file,
        source_row,
        underwriting_year,
        amount,
        amount_krw,
        fx_rate,
        is_synthetic,
        event_on,
        cast({{ dbt.date_trunc('month', 'event_on') }} as date) as event_month,
        fx_rate_on,
        known_at
    from events
    where
        is_current
        and event_type in ('NOTICE', 'FILED', 'PAID', 'REJECTED', 'CLOSED')
)

select * from final
