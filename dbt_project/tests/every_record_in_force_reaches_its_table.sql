-- What is current in a log is, row for row and unit for unit, what the tables of the present state hold.
with claim_events as (
    select * from {{ ref('fct_claim_event') }}
),

underwriting_events as (
    select * from {{ ref('fct_underwriting_event') }}
),

center_events as (
    select * from {{ ref('fct_center_event') }}
),

underwriting as (
    select * from {{ ref('fct_underwriting') }}
),

expected as (
    select
        case
            when event_type in ('RECOVERY', 'FX_CLAWBACK') then event_type
            else 'CLAIM'
        end as what,
        count(*) as row_count,
        sum(amount) as total,
        sum(amount_krw) as total_krw
    from claim_events
    where is_current
    group by 1

    union all

    select
        'UNDERWRITING' as what,
        count(*) as row_count,
        null as total,
        null as total_krw
    from underwriting_events
    where
        is_current
        and event_type not in ('AMENDMENT', 'CANCELLATION')

    union all

    select
        'CONTRACT' as what,
        count(distinct feed_id || ' ' || center_code || ' ' || contract_no) as row_count,
        null as total,
        null as total_krw
    from center_events
    where
        is_current
        and event_type in ('CONTRACT_SIGNED', 'CONTRACT_AMENDED', 'CONTRACT_CANCELLED', 'SHIPPED')

    union all

    select
        'PREMIUM' as what,
        count(premium_krw) as row_count,
        null as total,
        sum(premium_krw) as total_krw
    from underwriting
),

actual as (
    {% for what, fact, total, total_krw in [
        ('CLAIM', 'fct_claim', 'sum(amount)', 'sum(amount_krw)'),
        ('RECOVERY', 'fct_recovery', 'sum(amount)', 'sum(amount_krw)'),
        ('FX_CLAWBACK', 'fct_fx_clawback', 'sum(amount)', 'sum(amount_krw)'),
        ('UNDERWRITING', 'fct_underwriting', 'null', 'null'),
        ('CONTRACT', 'fct_center_contract', 'null', 'null'),
        ('PREMIUM', 'fct_premium', 'null', 'sum(premium_krw)')
    ] -%}
        select
            '{{ what }}' as what,
            count(*) as row_count,
            {{ total }} as total,
            {{ total_krw }} as total_krw
        from {{ ref(fact) }}
        {%- if not loop.last %}
            union all
        {% endif -%}
    {%- endfor %}
),

final as (
    select
        coalesce(expected.what, actual.what) as what,
        expected.row_count as expected_rows,
        actual.row_count as actual_rows,
        expected.total as expected_total,
        actual.total as actual_total,
        expected.total_krw as expected_krw,
        actual.total_krw as actual_krw
    from expected
    full outer join actual on expected.what = actual.what
    where
        coalesce(expected.row_count, 0) <> coalesce(actual.row_count, 0)
        or expected.total is distinct from actual.total
        or expected.total_krw is distinct from actual.total_krw
)

select * from final
