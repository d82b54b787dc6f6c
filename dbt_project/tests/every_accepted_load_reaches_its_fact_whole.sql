-- Rows and control totals that the ledger accepted equal those in the facts, load by load and measure by measure.
{%- set facts = {
    'fct_trade_month': ['exports_usd', 'imports_usd'],
    'fct_trade_item_month': ['exports_usd', 'imports_usd'],
    'fct_region_trade': ['exports_usd', 'imports_usd'],
    'fct_fx_rate': ['quoted_krw'],
    'fct_fx_rate_eximbank': ['quoted_krw'],
    'fct_country_grade_snapshot': ['credit_grade'],
    'fct_center_event': ['contract_amount'],
    'fct_underwriting_event': ['insured_amount', 'premium_krw'],
    'fct_exposure_month_end': ['outstanding_amount'],
    'fct_claim_event': ['amount'],
    'fct_country_limit': ['limit_amount_krw'],
    'fct_contract_ceiling': ['ceiling_amount_krw']
} %}

with loads as (
    select * from {{ ref('stg_lake__load') }}
),

totals as (
    select * from {{ ref('stg_lake__load_control_total') }}
),

expected as (
    select
        loads.load_id,
        'rows' as measure,
        cast(loads.accepted_rows as decimal(38, 6)) as total
    from loads
    where loads.outcome = 'accepted'

    union all

    select
        totals.load_id,
        totals.measure,
        totals.accepted_total as total
    from totals
    inner join loads on totals.load_id = loads.load_id
    where loads.outcome = 'accepted'
),

actual as (
    {% for fact, measures in facts.items() -%}
        {%- for measure in ['rows'] + measures -%}
            select
                load_id,
                '{{ measure }}' as measure,
                cast({{ 'count(*)' if measure == 'rows' else 'sum(' ~ measure ~ ')' }} as decimal(38, 6)) as total
            from {{ ref(fact) }}
            group by load_id
            {%- if not loop.last %}
                union all
            {% endif -%}
        {%- endfor -%}
        {%- if not loop.last %}
            union all
        {% endif -%}
    {%- endfor %}
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
