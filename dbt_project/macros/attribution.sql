{# The country of a record, by the rule of its product and one purpose. `roles` names the record's country columns by
   role; a role that the record has no column for counts as left empty. #}

{# The country that stands in the role, whatever the record says of its attribution. #}
{% macro country_in_role(role, roles) -%}
    case
        {%- for name, column in roles.items() %}
        when {{ role }} = '{{ name }}' then {{ column }}
        {%- endfor %}
    end
{%- endmacro %}


{# KNOWN, or why no country can be named. What the rule rules out comes first, then what the sender says, then what is
   missing; without a rule nothing is attributed. #}
{% macro attribution(role, otherwise, stated, roles) -%}
    case
        when {{ role }} is null then 'UNALLOCATED'
        when {{ role }} in ('DOMESTIC', 'NONE', 'UNALLOCATED') then {{ role }}
        when {{ stated }} <> 'KNOWN' then {{ stated }}
        when {{ country_in_role(role, roles) }} is null then {{ otherwise }}
        else 'KNOWN'
    end
{%- endmacro %}


{# The attributed country; null unless the attribution is KNOWN. #}
{% macro attributed_country(role, otherwise, stated, roles) -%}
    case
        when {{ attribution(role, otherwise, stated, roles) }} = 'KNOWN' then {{ country_in_role(role, roles) }}
    end
{%- endmacro %}


{# Country and attribution for the three purposes, six columns: plain for target reporting, then for country limits and
   for pricing. `rules` is int_attribution_rule__by_product joined on the product. #}
{% macro attribution_columns(stated, roles, rules="rules") -%}
    {%- for purpose, country, how in [
        ("target", "attributed_country_iso2", "country_attribution"),
        ("limit", "limit_country_iso2", "limit_attribution"),
        ("pricing", "pricing_country_iso2", "pricing_attribution"),
    ] -%}
        {%- set role, otherwise = rules ~ "." ~ purpose ~ "_role", rules ~ "." ~ purpose ~ "_otherwise" -%}
        {{ attributed_country(role, otherwise, stated, roles) }} as {{ country }},
        {{ attribution(role, otherwise, stated, roles) }} as {{ how }}{{ "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}
