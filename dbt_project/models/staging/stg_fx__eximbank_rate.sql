with source as (
    select * from {{ source('lake', 'fx_eximbank_rate') }}
),

final as (
    select
        load_id,
        currency,
        quotation_unit,
        currency_name_ko,
        source_file,
        source_row,
        quote_units,
        cast(quoted_krw as decimal(18, 6)) as quoted_krw,
        cast(krw_per_unit as decimal(18, 8)) as krw_per_unit,
        is_synthetic,
        rate_on
    from source
)

select * from final
