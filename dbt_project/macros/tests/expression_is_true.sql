{# Rows on which the expression is false, or null: a check that cannot be decided has not passed. #}
{% test expression_is_true(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
