-- Amendments and cancellations are no rows here: they are what they did to the events that they name.
{%- set roles = {
    'DESTINATION': 'events.destination_country_iso2',
    'BUYER': 'events.buyer_country_iso2',
    'PAYING': 'events.paying_country_iso2',
    'GUARANTOR': 'events.guarantor_country_iso2',
    'PROJECT': 'events.project_country_iso2'
} %}

with events as (
    select * from {{ ref('fct_underwriting_event') }}
),

valued as (
    select * from {{ ref('int_underwriting_event__in_force') }}
),

rules as (
    select * from {{ ref('int_attribution_rule__by_product') }}
),

final as (
    select
        events.event_id,
        events.feed_id,
        events.load_id,
        events.policy_id,
        events.insured_party_id,
        events.obligor_id,
        events.center_contract_no,
        events.event_type,
        events.product_code,
        events.risk_kind,
        events.company_size,
        events.region_key,
        events.industry_code,
        events.strategic_industry,
        events.hs_code,
        {{ attribution_columns('events.stated_attribution', roles) }},
        valued.currency,
        valued.fx_source,
        valued.krw_status,
        events.source_file,
        events.source_row,
        events.record_version,
        events.deal_sequence,
        events.term_days,
        valued.amendment_count,
        valued.insured_value,
        valued.cover_ratio,
        valued.insured_amount,
        valued.insured_value_krw,
        valued.insured_amount_krw,
        case when valued.creates_volume then valued.insured_amount_krw end as volume_gross_krw,
        case
            when valued.creates_volume and valued.is_cancelled then cast(0 as decimal(28, 0))
            when valued.creates_volume then valued.insured_amount_krw
        end as volume_net_krw,
        valued.premium_krw,
        valued.fx_rate,
        valued.creates_volume,
        valued.is_cancelled,
        events.is_synthetic,
        events.event_on,
        cast({{ dbt.date_trunc('month', 'events.event_on') }} as date) as event_month,
        events.decided_on,
        events.cover_starts_on,
        events.cover_ends_on,
        valued.cancelled_on,
        valued.fx_rate_on,
        events.known_at
    from valued
    inner join events
        on valued.feed_id = events.feed_id and valued.event_id = events.event_id and valued.load_id = events.load_id
    left join rules on events.product_code = rules.product_code
    where events.is_current
)

select * from final
