{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}
{%- set columns = [
    'load_id', 'feed_id', 'country_iso2', 'limit_type', 'acceptance_policy', 'source_file', 'source_sha256', 'source_row',
    'record_version', 'limit_amount_krw', 'is_withdrawn', 'is_synthetic', 'valid_from', 'valid_to', 'updated_at'
] %}
{%- set key = ['limits.feed_id', 'limits.country_iso2', 'limits.limit_type', 'limits.valid_from'] %}

with limits as (
    {{ accepted_history('stg_insurance__country_limit', columns) }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

final as (
    select
        limits.country_iso2,
        limits.limit_type,
        limits.feed_id,
        limits.load_id,
        limits.acceptance_policy,
        limits.source_file,
        limits.source_sha256,
        vintages.vintage_number,
        limits.source_row,
        limits.record_version,
        limits.limit_amount_krw,
        {{ version_position(key, 'limits', 'vintages') }} = 1
        and not limits.is_withdrawn as is_current,
        limits.is_withdrawn,
        vintages.is_latest_vintage,
        limits.is_synthetic,
        limits.valid_from,
        limits.valid_to,
        limits.updated_at,
        vintages.known_at,
        vintages.superseded_at
    from limits
    inner join vintages on limits.load_id = vintages.load_id
)

select * from final
