with loads as (
    select * from {{ ref('stg_lake__load') }}
),

feeds as (
    select * from {{ ref('stg_lake__feed') }}
),

vintages as (
    select * from {{ ref('int_load__vintage') }}
),

primary_totals as (
    select * from {{ ref('stg_lake__load_control_total') }}
),

control_totals as (
    select * from {{ ref('int_load_control_total__by_load') }}
),

rules as (
    select * from {{ ref('int_load_rule__by_load') }}
),

unanswered as (
    select
        feed_id,
        period_start,
        period_end,
        slice,
        min(known_at) as first_unanswered_at
    from loads
    where outcome in ('not_published', 'stopped')
    group by feed_id, period_start, period_end, slice
),

early_attempts as (
    select distinct loads.load_id
    from loads
    inner join unanswered
        on
            loads.feed_id = unanswered.feed_id
            and loads.period_start = unanswered.period_start
            and loads.period_end = unanswered.period_end
            and loads.slice = unanswered.slice
            and loads.known_at > unanswered.first_unanswered_at
),

final as (
    select
        loads.feed_id,
        loads.load_id,
        loads.slice,
        feeds.title_en as feed_title_en,
        feeds.title_ko as feed_title_ko,
        loads.outcome,
        loads.arrival,
        case
            when loads.outcome = 'stopped' then 'STOPPED'
            when loads.outcome = 'not_published' and loads.known_at <= loads.due_at then 'NOT_DUE_YET'
            when loads.outcome = 'not_published' then 'OVERDUE'
            when loads.vintage_number > 1 then 'REVISION'
            when loads.known_at <= loads.due_at then 'ON_TIME'
            when early_attempts.load_id is not null or loads.is_newest_due then 'LATE'
            else 'BACKFILLED'
        end as timeliness,
        feeds.primary_measure,
        coalesce(control_totals.control_totals, '[]') as control_totals,
        coalesce(rules.quarantined_by_rule, '[]') as quarantined_by_rule,
        loads.contract_version,
        loads.suite_sha256,
        loads.raw_sha256,
        loads.vintage_number,
        loads.source_rows,
        loads.accepted_rows,
        loads.quarantined_rows,
        loads.source_rows - loads.accepted_rows - loads.quarantined_rows as row_difference,
        primary_totals.source_total as primary_source_total,
        primary_totals.accepted_total as primary_accepted_total,
        primary_totals.quarantined_total as primary_quarantined_total,
        cast(primary_totals.difference as decimal(38, 6)) as primary_difference,
        loads.warning_count,
        cast(floor({{ ratio(dbt.datediff('loads.due_at', 'loads.known_at', 'second'), 86400) }}) as integer)
            as days_after_due,
        case
            when loads.outcome = 'accepted'
                then
                    loads.source_rows = loads.accepted_rows + loads.quarantined_rows
                    and coalesce(control_totals.is_conserved and primary_totals.difference = 0, false)
            when loads.outcome = 'stopped'
                then loads.accepted_rows = 0 and loads.quarantined_rows = 0
            else loads.source_rows = 0 and loads.accepted_rows = 0 and loads.quarantined_rows = 0
        end as is_conserved,
        coalesce(vintages.is_latest_vintage, false) as is_latest_vintage,
        loads.is_newest_due,
        loads.is_synthetic,
        loads.period_start,
        loads.period_end,
        loads.known_at,
        loads.due_at
    from loads
    left join feeds on loads.feed_id = feeds.feed_id
    left join early_attempts on loads.load_id = early_attempts.load_id
    left join vintages on loads.load_id = vintages.load_id
    left join control_totals on loads.load_id = control_totals.load_id
    left join rules on loads.load_id = rules.load_id
    left join primary_totals
        on
            loads.load_id = primary_totals.load_id
            and feeds.primary_measure = primary_totals.measure
)

select * from final
