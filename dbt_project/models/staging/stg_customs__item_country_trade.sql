with source as (
    select * from {{ source('lake', 'customs_item_country_trade') }}
),

final as (
    select
        load_id,
        hs6_code,
        hs_name_ko,
        customs_code,
        customs_name_ko,
        source_file,
        source_row,
        cast(exports_usd as decimal(28, 2)) as exports_usd,
        cast(imports_usd as decimal(28, 2)) as imports_usd,
        cast(trade_balance_usd as decimal(28, 2)) as trade_balance_usd,
        cast(export_weight_kg as decimal(28, 0)) as export_weight_kg,
        cast(import_weight_kg as decimal(28, 0)) as import_weight_kg,
        is_synthetic,
        reference_month as trade_month
    from source
)

select * from final
