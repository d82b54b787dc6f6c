{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='load_id',
    on_schema_change='fail'
) }}

-- The source holds every file of each period that is to be rebuilt: loads are replaced as a whole, without a filter.
with grades as (
    select * from {{ ref('stg_ksure__country_grade') }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

codes as (
    select * from {{ ref('int_country__by_foreign_code') }}
),

names as (
    select * from {{ ref('int_country__by_name_ko') }}
),

-- The scheme of the source's code is not known: its shape decides, then the name; what neither tells stays unmapped.
final as (
    select
        grades.country_code_raw,
        coalesce(codes.country_key, names.country_key, 'UNMAPPED') as country_key,
        grades.load_id,
        case
            when codes.country_key is not null then codes.scheme
            when names.country_key is not null then 'NAME_KO'
            else 'UNMAPPED'
        end as mapped_by,
        grades.country_name_ko,
        grades.source_file,
        vintages.vintage_number,
        grades.source_row,
        grades.credit_grade,
        vintages.is_latest_vintage,
        grades.is_synthetic,
        vintages.period_start as snapshot_month,
        grades.evaluated_on,
        vintages.known_at,
        vintages.superseded_at
    from grades
    inner join vintages on grades.load_id = vintages.load_id
    left join codes on grades.country_code_raw = codes.code
    left join names on grades.country_name_ko = names.name_ko
)

select * from final
