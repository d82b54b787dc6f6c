-- A row outside of its load's period would be counted in the wrong one. Logs of events are not held to it: late events
-- are normal there.
{%- set days = {
    'fct_trade_month': 'trade_month',
    'fct_trade_item_month': 'trade_month',
    'fct_region_trade': 'year_starts_on',
    'fct_fx_rate': 'rate_on',
    'fct_fx_rate_eximbank': 'rate_on',
    'fct_exposure_month_end': 'month_end_on'
} %}

with loads as (
    select * from {{ ref('stg_lake__load') }}
),

dated as (
    {% for fact, day in days.items() -%}
        select
            load_id,
            {{ day }} as dated_on
        from {{ ref(fact) }}
        {%- if not loop.last %}
            union all
        {% endif -%}
    {%- endfor %}
),

final as (
    select distinct
        dated.load_id,
        dated.dated_on,
        loads.period_start,
        loads.period_end
    from dated
    left join loads on dated.load_id = loads.load_id
    where not coalesce(dated.dated_on between loads.period_start and loads.period_end, false)
)

select * from final
