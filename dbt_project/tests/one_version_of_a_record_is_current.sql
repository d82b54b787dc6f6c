-- Two current versions of one record would count its amount twice.
{%- set keys = {
    'fct_center_event': ['feed_id', 'event_id'],
    'fct_underwriting_event': ['feed_id', 'event_id'],
    'fct_exposure_month_end': ['feed_id', 'policy_id', 'month_end_month'],
    'fct_claim_event': ['feed_id', 'event_id'],
    'fct_country_limit': ['feed_id', 'country_iso2', 'limit_type', 'valid_from'],
    'fct_contract_ceiling': ['feed_id', 'ceiling_year', 'product_group']
} %}

with repeated as (
    {% for fact, key in keys.items() -%}
        select
            '{{ fact }}' as fact,
            {% for column in key -%}
                cast({{ column }} as varchar){{ " || ' ' || " if not loop.last }}
            {%- endfor %} as record,
            count(*) as current_versions
        from {{ ref(fact) }}
        where is_current
        group by {{ key | join(', ') }}
        having count(*) > 1
        {%- if not loop.last %}
            union all
        {% endif -%}
    {%- endfor %}
),

final as (
    select
        fact,
        record,
        current_versions
    from repeated
)

select * from final
