{# A share as a double; null when the denominator is zero or null. Both sides are cast because engines divide decimals
   with different scales. Never for money: a ratio is not an amount. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}
