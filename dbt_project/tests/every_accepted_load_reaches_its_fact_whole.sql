-- Rows and control totals that the ledger accepted equal those in the facts, load by load and measure by measure.
with loads as (
    select * from {{ ref('stg_lake__load') }}
),

totals as (
    select * from {{ ref('stg_lake__load_control_total') }}
),

trade as (
    select * from {{ ref('fct_trade_month') }}
),

rates as (
    select * from {{ ref('fct_fx_rate') }}
),

expected as (
    select
        loads.load_id,
        'rows' as measure,
        cast(loads.accepted_rows as decimal(38, 6)) as total
    from loads
    where
        loads.outcome = 'accepted'
        and loads.feed_id in ('customs_country_trade', 'fx_daily_rate')

    union all

    select
        totals.load_id,
        totals.measure,
        totals.accepted_total as total
    from totals
    inner join loads on totals.load_id = loads.load_id
    where
        loads.outcome = 'accepted'
        and loads.feed_id in ('customs_country_trade', 'fx_daily_rate')
),

actual as (
    select
        load_id,
        'rows' as measure,
        cast(count(*) as decimal(38, 6)) as total
    from trade
    group by load_id

    union all

    select
        load_id,
        'exports_usd' as measure,
        cast(sum(exports_usd) as decimal(38, 6)) as total
    from trade
    group by load_id

    union all

    select
        load_id,
        'imports_usd' as measure,
        cast(sum(imports_usd) as decimal(38, 6)) as total
    from trade
    group by load_id

    union all

    select
        load_id,
        'rows' as measure,
        cast(count(*) as decimal(38, 6)) as total
    from rates
    group by load_id

    union all

    select
        load_id,
        'quoted_krw' as measure,
        cast(sum(quoted_krw) as decimal(38, 6)) as total
    from rates
    group by load_id
),

-- A load of which every row went to quarantine has totals of zero and no row in a fact.
final as (
    select
        coalesce(expected.load_id, actual.load_id) as load_id,
        coalesce(expected.measure, actual.measure) as measure,
        expected.total as accepted_total,
        actual.total as fact_total
    from expected
    full outer join actual
        on
            expected.load_id = actual.load_id
            and expected.measure = actual.measure
    where
        expected.load_id is null
        or expected.total <> coalesce(actual.total, 0)
)

select * from final
