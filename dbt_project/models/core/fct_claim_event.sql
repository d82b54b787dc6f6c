{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}
{%- set columns = [
    'load_id', 'feed_id', 'event_id', 'claim_id', 'policy_id', 'obligor_id', 'event_type', 'product_code', 'risk_kind',
    'buyer_country_iso2', 'paying_country_iso2', 'stated_attribution', 'recovery_source', 'currency', 'source_file',
    'source_sha256', 'source_row', 'record_version', 'underwriting_year', 'amount', 'is_withdrawn', 'is_synthetic',
    'event_on', 'updated_at'
] %}
{%- set roles = {'BUYER': 'events.buyer_country_iso2', 'PAYING': 'events.paying_country_iso2'} %}

with events as (
    {{ accepted_history('stg_insurance__claim_event', columns) }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

rules as (
    select * from {{ ref('int_attribution_rule__by_product') }}
),

rates as (
    select * from {{ ref('int_fx_rate__as_of_day') }}
),

first_rates as (
    select * from {{ ref('int_fx_rate__first_day') }}
),

final as (
    select
        events.event_id,
        events.feed_id,
        events.load_id,
        events.claim_id,
        events.policy_id,
        events.obligor_id,
        events.event_type,
        events.product_code,
        events.risk_kind,
        events.buyer_country_iso2,
        events.paying_country_iso2,
        events.stated_attribution,
        {{ attribution_columns('events.stated_attribution', roles) }},
        events.recovery_source,
        events.currency,
        {{ fx_source('events.currency') }} as fx_source,
        {{ krw_status('events.amount', 'events.currency', 'events.event_on') }} as krw_status,
        events.source_file,
        events.source_sha256,
        vintages.vintage_number,
        events.source_row,
        events.record_version,
        events.underwriting_year,
        events.amount,
        {{ amount_krw('events.amount', 'events.currency') }} as amount_krw,
        {{ fx_rate('events.currency') }} as fx_rate,
        {{ version_position(['events.feed_id', 'events.event_id'], 'events', 'vintages') }} = 1
        and not events.is_withdrawn as is_current,
        events.is_withdrawn,
        vintages.is_latest_vintage,
        events.is_synthetic,
        events.event_on,
        rates.fx_rate_on,
        events.updated_at,
        vintages.known_at,
        vintages.superseded_at
    from events
    inner join vintages on events.load_id = vintages.load_id
    left join rules on events.product_code = rules.product_code
    left join rates on events.currency = rates.currency and events.event_on = rates.as_of_on
    left join first_rates on events.currency = first_rates.currency
)

select * from final
