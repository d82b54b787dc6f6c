{# Rows whose value lies outside [minimum, maximum]; a null value passes (not_null is its own test). #}
{% test accepted_range(model, column_name, minimum=none, maximum=none) %}
{% if minimum is none and maximum is none %}
    {{ exceptions.raise_compiler_error("accepted_range on " ~ model ~ "." ~ column_name ~ " needs a minimum or a maximum.") }}
{% endif %}
select *
from {{ model }}
where
    false
    {% if minimum is not none %} or {{ column_name }} < {{ minimum }} {% endif %}
    {% if maximum is not none %} or {{ column_name }} > {{ maximum }} {% endif %}
{% endtest %}
