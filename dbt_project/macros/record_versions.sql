{# Every accepted row of a dropped file's table, from the files presented now and, on a later run, from the loads that the
   model holds already. A later file can change what an earlier record means (a higher version, a withdrawal) and a later
   rate its won amount, so such a model is written anew as a whole each time. #}
{% macro accepted_history(staging, columns) -%}
    select
        {{ columns | join(",\n        ") }}
    from {{ ref(staging) }}
    {%- if is_incremental() %}

    union all

    select
        {{ columns | join(",\n        ") }}
    from {{ this }}
    where load_id not in (select presented.load_id from {{ ref(staging) }} as presented)
    {%- endif %}
{%- endmacro %}


{# Position of a record among all that were sent under the same key, newest version first. Every accepted file counts: a
   record goes out of force by a higher version or a withdrawal, never by being left out of a later file. Equal versions are told apart
   by the sender's time of change, then by when we learnt of them; the last two make the order total. #}
{% macro version_position(key, records, vintages) -%}
    row_number() over (
        partition by {{ key | join(", ") }}
        order by
            {{ records }}.record_version desc nulls last,
            {{ records }}.updated_at desc nulls last,
            {{ vintages }}.known_at desc nulls last,
            {{ records }}.load_id desc nulls last,
            {{ records }}.source_row desc nulls last
    )
{%- endmacro %}


{# The calendar day in Korea of an instant. #}
{% macro korean_date(instant) -%}
    {{ return(adapter.dispatch("korean_date")(instant)) }}
{%- endmacro %}

{% macro default__korean_date(instant) -%}
    cast({{ instant }} at time zone 'Asia/Seoul' as date)
{%- endmacro %}
