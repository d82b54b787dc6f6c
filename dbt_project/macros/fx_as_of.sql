{# Conversion of an amount into whole won at the rate as of its day. `rates` is int_fx_rate__as_of_day joined on currency
   and day, `first_rates` is int_fx_rate__first_day joined on the currency; both may have found nothing. #}

{# Whether to_krw can hold the product: one absurd record gets a status of its own and does not stop the build. #}
{% macro is_convertible(amount, rates="rates") -%}
    abs({{ amount }}) < 1000000000000000000 and {{ rates }}.fx_rate < 100000000
{%- endmacro %}


{# The won amount, or null when no rate serves. #}
{% macro amount_krw(amount, currency, rates="rates") -%}
    case
        when {{ currency }} = 'KRW' then cast({{ amount }} as decimal(28, 0))
        when {{ is_convertible(amount, rates) }} then {{ to_krw(amount, rates ~ ".fx_rate") }}
    end
{%- endmacro %}


{# Won for one unit of the currency: 1 for won, null when no rate serves. #}
{% macro fx_rate(currency, rates="rates") -%}
    case when {{ currency }} = 'KRW' then cast(1 as decimal(18, 8)) else {{ rates }}.fx_rate end
{%- endmacro %}


{# Where the rate comes from: ECOS, EXIMBANK, NONE_NEEDED for won; null when no rate serves. #}
{% macro fx_source(currency, rates="rates") -%}
    case when {{ currency }} = 'KRW' then 'NONE_NEEDED' else {{ rates }}.fx_source end
{%- endmacro %}


{# Why there is a won amount, or why not. #}
{% macro krw_status(amount, currency, day, rates="rates", first_rates="first_rates") -%}
    case
        when {{ amount }} is null then 'NO_AMOUNT'
        when {{ currency }} = 'KRW' then 'NONE_NEEDED'
        when {{ is_convertible(amount, rates) }} then 'CONVERTED'
        when {{ rates }}.fx_rate is not null then 'OUT_OF_RANGE'
        when {{ first_rates }}.first_rate_on <= {{ day }} then 'STALE_RATE'
        else 'NO_RATE'
    end
{%- endmacro %}
