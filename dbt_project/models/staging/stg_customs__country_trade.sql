with source as (
    select * from {{ source('lake', 'customs_country_trade') }}
),

final as (
    select
        load_id,
        customs_code,
        customs_name_ko,
        source_row,
        cast(exports_usd as decimal(28, 2)) as exports_usd,
        cast(imports_usd as decimal(28, 2)) as imports_usd,
        cast(trade_balance_usd as decimal(28, 2)) as trade_balance_usd,
        export_declarations,
        import_declarations,
        is_synthetic,
        reference_month as trade_month
    from source
)

select * from final
