-- Premium as written on events in force. How much is earned, or given back on cancellation, is not in the source.
with underwriting as (
    select * from {{ ref('fct_underwriting') }}
),

final as (
    select
        event_id,
        feed_id,
        load_id,
        policy_id,
        event_type,
        product_code,
        company_size,
        attributed_country_iso2,
        country_attribution,
        pricing_country_iso2,
        pricing_attribution,
        source_file,
        source_row,
        deal_sequence,
        premium_krw,
        is_cancelled,
        is_synthetic,
        event_on,
        event_month,
        cancelled_on,
        known_at
    from underwriting
    where premium_krw is not null
)

select * from final
