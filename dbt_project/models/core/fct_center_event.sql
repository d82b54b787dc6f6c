{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}
{%- set columns = [
    'load_id', 'feed_id', 'event_id', 'center_code', 'event_type', 'company_id', 'buyer_id', 'buyer_country_iso2',
    'hs_code', 'contract_no', 'currency', 'incoterms', 'payment_terms', 'esign_status', 'policy_id', 'source_file',
    'source_sha256', 'source_row', 'schema_version', 'record_version', 'contract_amount', 'tenor_days', 'is_synthetic',
    'event_on', 'signed_on', 'ship_by_on', 'event_at', 'updated_at'
] %}

with events as (
    {{ accepted_history('stg_center__contract_event', columns) }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

centers as (
    select * from {{ ref('trade_center') }}
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
        events.center_code,
        centers.region_key,
        events.event_type,
        events.contract_no,
        events.company_id,
        events.buyer_id,
        events.policy_id,
        events.buyer_country_iso2,
        case when events.buyer_country_iso2 is null then 'UNALLOCATED' else 'KNOWN' end as country_attribution,
        events.hs_code,
        events.currency,
        events.incoterms,
        events.payment_terms,
        events.esign_status,
        {{ fx_source('events.currency') }} as fx_source,
        {{ krw_status('events.contract_amount', 'events.currency', 'events.event_on') }} as krw_status,
        events.source_file,
        events.source_sha256,
        vintages.vintage_number,
        events.source_row,
        events.schema_version,
        events.record_version,
        events.contract_amount,
        {{ amount_krw('events.contract_amount', 'events.currency') }} as contract_amount_krw,
        {{ fx_rate('events.currency') }} as fx_rate,
        events.tenor_days,
        {{ version_position(['events.feed_id', 'events.event_id'], 'events', 'vintages') }} = 1 as is_current,
        vintages.is_latest_vintage,
        events.is_synthetic,
        events.event_on,
        events.signed_on,
        events.ship_by_on,
        rates.fx_rate_on,
        events.event_at,
        events.updated_at,
        vintages.known_at,
        vintages.superseded_at
    from events
    inner join vintages on events.load_id = vintages.load_id
    left join centers on events.center_code = centers.center_code
    left join rates on events.currency = rates.currency and events.event_on = rates.as_of_on
    left join first_rates on events.currency = first_rates.currency
)

select * from final
