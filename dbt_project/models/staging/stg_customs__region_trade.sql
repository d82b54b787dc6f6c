with source as (
    select * from {{ source('lake', 'customs_region_trade') }}
),

final as (
    select
        load_id,
        region_key,
        region_name_ko,
        source_file,
        source_row,
        cast(extract(year from reference_year) as integer) as trade_year,
        cast(exports_usd as decimal(28, 2)) as exports_usd,
        cast(imports_usd as decimal(28, 2)) as imports_usd,
        cast(trade_balance_usd as decimal(28, 2)) as trade_balance_usd,
        export_declarations,
        import_declarations,
        is_synthetic,
        reference_year as year_starts_on,
        through_month
    from source
)

select * from final
