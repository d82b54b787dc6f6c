{# The rows of every month that has to be written anew: on a first run all that are presented, on a later run also what the
   model holds already of a month that a presented file touches, and of one whose rate has changed since. Other months
   stay as they are. #}
{% macro month_end_history(staging, columns) -%}
    select
        {{ columns | join(",\n        ") }}
    from {{ ref(staging) }}
    {%- if is_incremental() %}

    union all

    select
        {{ columns | join(",\n        ") }}
    from {{ this }}
    where
        load_id not in (select presented.load_id from {{ ref(staging) }} as presented)
        and month_end_month in (
            select presented.month_end_month from {{ ref(staging) }} as presented
            union
            select held.month_end_month
            from {{ this }} as held
            left join {{ ref('int_fx_rate__as_of_day') }} as rates
                on held.currency = rates.currency and held.month_end_on = rates.as_of_on
            where
                held.currency <> 'KRW'
                and (
                    held.fx_rate is null
                    or held.fx_rate is distinct from rates.fx_rate
                    or held.fx_rate_on is distinct from rates.fx_rate_on
                    or held.fx_source is distinct from rates.fx_source
                )
        )
    {%- endif %}
{%- endmacro %}
