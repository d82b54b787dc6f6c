{# Whole-number division that drops the remainder (towards zero). Engines agree on the rule, not on its spelling. #}
{% macro whole_division(numerator, denominator) -%}
    {{ return(adapter.dispatch("whole_division")(numerator, denominator)) }}
{%- endmacro %}

{% macro default__whole_division(numerator, denominator) -%}
    divide({{ numerator }}, {{ denominator }})
{%- endmacro %}


{# The integer type that holds any sum of amounts. #}
{% macro type_wide_integer() -%}
    {{ return(adapter.dispatch("type_wide_integer")()) }}
{%- endmacro %}

{% macro default__type_wide_integer() -%}
    hugeint
{%- endmacro %}


{# The mean of a decimal(18, 8) column over a group as decimal(18, 8), exact to the last digit, half away from zero.

   sum / count is a double on one engine and a decimal of another scale on the next, so the division is done on whole
   numbers: with S = the sum in units of 10^-8 and n = the count, (2 S + sign(S) n) / (2 n) without remainder is S / n
   rounded half away from zero. Null for a group without values. #}
{% macro decimal_mean(column) -%}
    {%- set total -%} sum(cast(cast({{ column }} as decimal(28, 8)) * 100000000 as {{ type_wide_integer() }})) {%- endset -%}
    {%- set rounded -%}
        {{ whole_division("2 * " ~ total ~ " + sign(" ~ total ~ ") * count(" ~ column ~ ")", "2 * nullif(count(" ~ column ~ "), 0)") }}
    {%- endset -%}
    cast(cast({{ rounded }} as decimal(18, 0)) * cast(0.00000001 as decimal(8, 8)) as decimal(18, 8))
{%- endmacro %}


{# An amount of foreign money to whole won at a decimal rate: exact product (36 digits, 10 after the point), then rounded
   half away from zero by the cast. The operands are narrowed first because engines cut a product that needs more than
   38 digits at different places; an amount of 10^18 units or a rate of 10^8 KRW raises an error instead of losing
   digits. #}
{% macro to_krw(amount, krw_per_unit) -%}
    cast(cast({{ amount }} as decimal(20, 2)) * cast({{ krw_per_unit }} as decimal(16, 8)) as decimal(28, 0))
{%- endmacro %}
