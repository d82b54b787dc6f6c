{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='month_end_month',
    on_schema_change='fail'
) }}
{%- set columns = [
    'load_id', 'feed_id', 'policy_id', 'insured_party_id', 'obligor_id', 'product_code', 'company_size', 'region_key',
    'industry_code', 'destination_country_iso2', 'buyer_country_iso2', 'paying_country_iso2', 'guarantor_country_iso2',
    'project_country_iso2', 'stated_attribution', 'currency', 'source_file', 'source_sha256', 'source_row',
    'record_version', 'outstanding_amount', 'undrawn_amount', 'cover_ratio', 'is_withdrawn', 'is_synthetic',
    'month_end_month', 'month_end_on', 'issued_on', 'cover_ends_on', 'updated_at'
] %}
{%- set key = ['policies.feed_id', 'policies.policy_id', 'policies.month_end_month'] %}
{%- set roles = {
    'DESTINATION': 'policies.destination_country_iso2',
    'BUYER': 'policies.buyer_country_iso2',
    'PAYING': 'policies.paying_country_iso2',
    'GUARANTOR': 'policies.guarantor_country_iso2',
    'PROJECT': 'policies.project_country_iso2'
} %}

with policies as (
    {{ month_end_history('stg_insurance__exposure_month_end', columns) }}
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
        policies.month_end_month,
        policies.policy_id,
        policies.feed_id,
        policies.load_id,
        policies.insured_party_id,
        policies.obligor_id,
        policies.product_code,
        policies.company_size,
        policies.region_key,
        policies.industry_code,
        policies.destination_country_iso2,
        policies.buyer_country_iso2,
        policies.paying_country_iso2,
        policies.guarantor_country_iso2,
        policies.project_country_iso2,
        policies.stated_attribution,
        {{ attribution_columns('policies.stated_attribution', roles) }},
        policies.currency,
        {{ fx_source('policies.currency') }} as fx_source,
        {{ krw_status('policies.outstanding_amount', 'policies.currency', 'policies.month_end_on') }} as krw_status,
        policies.source_file,
        policies.source_sha256,
        vintages.vintage_number,
        policies.source_row,
        policies.record_version,
        policies.outstanding_amount,
        policies.undrawn_amount,
        {{ amount_krw('policies.outstanding_amount', 'policies.currency') }} as outstanding_krw,
        {{ amount_krw('policies.undrawn_amount', 'policies.currency') }} as undrawn_krw,
        policies.cover_ratio,
        {{ fx_rate('policies.currency') }} as fx_rate,
        {{ version_position(key, 'policies', 'vintages') }} = 1
        and not policies.is_withdrawn as is_current,
        policies.is_withdrawn,
        vintages.is_latest_vintage,
        policies.is_synthetic,
        policies.month_end_on,
        policies.issued_on,
        policies.cover_ends_on,
        rates.fx_rate_on,
        policies.updated_at,
        vintages.known_at,
        vintages.superseded_at
    from policies
    inner join vintages on policies.load_id = vintages.load_id
    left join rules on policies.product_code = rules.product_code
    left join rates on policies.currency = rates.currency and policies.month_end_on = rates.as_of_on
    left join first_rates on policies.currency = first_rates.currency
)

select * from final
