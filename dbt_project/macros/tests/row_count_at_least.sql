{# One row when the table holds fewer rows than it must: the control that keeps other tests from passing on nothing. #}
{% test row_count_at_least(model, minimum) %}
select
    count(*) as row_count,
    {{ minimum }} as minimum
from {{ model }}
having count(*) < {{ minimum }}
{% endtest %}
