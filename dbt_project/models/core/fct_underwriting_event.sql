{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}
{%- set columns = [
    'load_id', 'feed_id', 'event_id', 'policy_id', 'amends_event_id', 'insured_party_id', 'obligor_id',
    'center_contract_no', 'event_type', 'product_code', 'risk_kind', 'company_size', 'region_key', 'industry_code',
    'strategic_industry', 'hs_code', 'destination_country_iso2', 'buyer_country_iso2', 'paying_country_iso2',
    'guarantor_country_iso2', 'project_country_iso2', 'stated_attribution', 'currency', 'source_file', 'source_sha256',
    'source_row', 'record_version', 'deal_sequence', 'term_days', 'insured_value', 'cover_ratio', 'insured_amount',
    'premium_krw', 'is_withdrawn', 'is_synthetic', 'event_on', 'decided_on', 'cover_starts_on', 'cover_ends_on',
    'updated_at'
] %}

with events as (
    {{ accepted_history('stg_insurance__underwriting_event', columns) }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

rates as (
    select * from {{ ref('int_fx_rate__as_of_day') }}
),

first_rates as (
    select * from {{ ref('int_fx_rate__first_day') }}
),

final as (
    select
        events.load_id,
        events.feed_id,
        events.event_id,
        events.policy_id,
        events.amends_event_id,
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
        events.destination_country_iso2,
        events.buyer_country_iso2,
        events.paying_country_iso2,
        events.guarantor_country_iso2,
        events.project_country_iso2,
        events.stated_attribution,
        events.currency,
        {{ fx_source('events.currency') }} as fx_source,
        {{ krw_status('events.insured_amount', 'events.currency', 'events.event_on') }} as krw_status,
        events.source_file,
        events.source_sha256,
        vintages.vintage_number,
        events.source_row,
        events.record_version,
        events.deal_sequence,
        events.term_days,
        events.insured_value,
        events.cover_ratio,
        events.insured_amount,
        {{ amount_krw('events.insured_amount', 'events.currency') }} as insured_amount_krw,
        events.premium_krw,
        {{ fx_rate('events.currency') }} as fx_rate,
        {{ version_position(['events.feed_id', 'events.event_id'], 'events', 'vintages') }} = 1
        and not events.is_withdrawn as is_current,
        events.is_withdrawn,
        vintages.is_latest_vintage,
        events.is_synthetic,
        events.event_on,
        events.decided_on,
        events.cover_starts_on,
        events.cover_ends_on,
        rates.fx_rate_on,
        events.updated_at,
        vintages.known_at,
        vintages.superseded_at
    from events
    inner join vintages on events.load_id = vintages.load_id
    left join rates on events.currency = rates.currency and events.event_on = rates.as_of_on
    left join first_rates on events.currency = first_rates.currency
)

select * from final
