-- Countries, exports and imports of each definition and month of the mart are those of the latest trade, to the cent.
with definitions as (
    select * from {{ ref('dim_market_definition') }}
),

trade as (
    select * from {{ ref('fct_trade_month') }}
),

mart as (
    select * from {{ ref('mart_market_exports') }}
),

world as (
    select
        trade_month,
        count(distinct country_key) as country_keys,
        sum(exports_usd) as exports_usd,
        sum(imports_usd) as imports_usd
    from trade
    where is_latest_vintage
    group by trade_month
),

expected as (
    select
        definitions.definition_id,
        world.trade_month,
        world.country_keys,
        world.exports_usd,
        world.imports_usd
    from world
    cross join definitions
),

actual as (
    select
        definition_id,
        trade_month,
        count(*) as country_keys,
        sum(exports_usd) as exports_usd,
        sum(imports_usd) as imports_usd
    from mart
    group by definition_id, trade_month
),

final as (
    select
        coalesce(expected.definition_id, actual.definition_id) as definition_id,
        coalesce(expected.trade_month, actual.trade_month) as trade_month,
        expected.country_keys as expected_country_keys,
        actual.country_keys as actual_country_keys,
        expected.exports_usd as expected_exports_usd,
        actual.exports_usd as actual_exports_usd,
        expected.imports_usd as expected_imports_usd,
        actual.imports_usd as actual_imports_usd
    from expected
    full outer join actual
        on
            expected.definition_id = actual.definition_id
            and expected.trade_month = actual.trade_month
    where
        not coalesce(
            expected.country_keys = actual.country_keys
            and expected.exports_usd = actual.exports_usd
            and expected.imports_usd = actual.imports_usd,
            false
        )
)

select * from final
