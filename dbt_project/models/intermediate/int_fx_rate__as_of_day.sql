{{ config(materialized='table') }}

-- One row per currency and calendar day that a rate serves, so that facts join on equality: a rate serves its own day
-- and the days after it until the next one, but no longer than the limit.
with rates as (
    select * from {{ ref('int_fx_rate__business_day') }}
),

days_later as (
    {% for days in range(var('fx_staleness_limit_days') + 1) -%}
        select {{ days }} as days_old
        {%- if not loop.last %}
            union all
        {% endif -%}
    {% endfor %}
),

served as (
    select
        rates.currency,
        rates.fx_source,
        rates.fx_rate,
        days_later.days_old,
        rates.rate_on as fx_rate_on,
        rates.next_rate_on,
        cast({{ dbt.dateadd('day', 'days_later.days_old', 'rates.rate_on') }} as date) as as_of_on
    from rates
    cross join days_later
),

final as (
    select
        currency,
        fx_source,
        fx_rate,
        days_old,
        as_of_on,
        fx_rate_on
    from served
    where next_rate_on is null or as_of_on < next_rate_on
)

select * from final
