{# A text column as a JSON string literal, quotes included; control characters other than tab and line break do not
   occur in rule and measure names. #}
{% macro json_text(column) -%}
    {#- chr(92) is the backslash: engines disagree on whether it must be doubled inside a literal. -#}
    {%- set backslashes -%} replace({{ column }}, chr(92), chr(92) || chr(92)) {%- endset -%}
    {%- set quotes -%} replace({{ backslashes }}, '"', chr(92) || '"') {%- endset -%}
    {%- set line_breaks -%} replace({{ quotes }}, chr(10), chr(92) || 'n') {%- endset -%}
    '"' || replace({{ line_breaks }}, chr(9), chr(92) || 't') || '"'
{%- endmacro %}


{# The members of a group as a JSON array in a fixed order; each member is JSON text already. #}
{% macro json_array(member, order_by) -%}
    '[' || {{ dbt.listagg(member, "','", "order by " ~ order_by ~ " asc nulls last") }} || ']'
{%- endmacro %}
