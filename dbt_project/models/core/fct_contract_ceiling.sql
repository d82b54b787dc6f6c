{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}
{%- set columns = [
    'load_id', 'feed_id', 'product_group', 'source_file', 'source_sha256', 'source_row', 'record_version',
    'ceiling_year', 'ceiling_amount_krw', 'is_synthetic', 'approved_on', 'updated_at'
] %}
{%- set key = ['ceilings.feed_id', 'ceilings.ceiling_year', 'ceilings.product_group'] %}

with ceilings as (
    {{ accepted_history('stg_insurance__contract_ceiling', columns) }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

final as (
    select
        ceilings.ceiling_year,
        ceilings.product_group,
        ceilings.feed_id,
        ceilings.load_id,
        ceilings.source_file,
        ceilings.source_sha256,
        vintages.vintage_number,
        ceilings.source_row,
        ceilings.record_version,
        ceilings.ceiling_amount_krw,
        {{ version_position(key, 'ceilings', 'vintages') }} = 1 as is_current,
        vintages.is_latest_vintage,
        ceilings.is_synthetic,
        ceilings.approved_on,
        ceilings.updated_at,
        vintages.known_at,
        vintages.superseded_at
    from ceilings
    inner join vintages on ceilings.load_id = vintages.load_id
)

select * from final
