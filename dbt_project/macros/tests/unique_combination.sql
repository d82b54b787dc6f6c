{# Rows whose columns together are not unique: one row per offending combination, with its count. Nulls count as equal. #}
{% test unique_combination(model, columns) %}
select
    {{ columns | join(", ") }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(", ") }}
having count(*) > 1
{% endtest %}
