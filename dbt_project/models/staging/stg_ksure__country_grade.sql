with source as (
    select * from {{ source('lake', 'ksure_country_grade') }}
),

final as (
    select
        load_id,
        country_code_raw,
        country_name_ko,
        source_file,
        source_row,
        cast(credit_grade as integer) as credit_grade,
        is_synthetic,
        evaluated_on
    from source
)

select * from final
