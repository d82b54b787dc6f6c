-- One row per event in force, with the amounts that its amendments have left it. Won amounts are at the rate of the
-- event's own day, also after an amendment.
with events as (
    select * from {{ ref('fct_underwriting_event') }}
),

effects as (
    select * from {{ ref('int_underwriting_event__effect') }}
),

volume_rules as (
    select * from {{ ref('volume_rule') }}
),

rates as (
    select * from {{ ref('int_fx_rate__as_of_day') }}
),

first_rates as (
    select * from {{ ref('int_fx_rate__first_day') }}
),

in_force as (
    select
        events.feed_id,
        events.event_id,
        events.load_id,
        coalesce(effects.currency, events.currency) as currency,
        coalesce(effects.amendment_count, 0) as amendment_count,
        case
            when effects.currency <> events.currency then effects.insured_value
            else coalesce(effects.insured_value, events.insured_value)
        end as insured_value,
        coalesce(effects.cover_ratio, events.cover_ratio) as cover_ratio,
        coalesce(effects.insured_amount, events.insured_amount) as insured_amount,
        coalesce(effects.premium_krw, events.premium_krw) as premium_krw,
        volume_rules.product_code is not null as creates_volume,
        effects.cancelled_on is not null as is_cancelled,
        events.event_on,
        effects.cancelled_on
    from events
    left join effects on events.feed_id = effects.feed_id and events.event_id = effects.event_id
    left join volume_rules
        on events.product_code = volume_rules.product_code and events.event_type = volume_rules.event_type
    where
        events.is_current
        and events.event_type not in ('AMENDMENT', 'CANCELLATION')
),

final as (
    select
        in_force.event_id,
        in_force.feed_id,
        in_force.load_id,
        in_force.currency,
        {{ fx_source('in_force.currency') }} as fx_source,
        {{ krw_status('in_force.insured_amount', 'in_force.currency', 'in_force.event_on') }} as krw_status,
        in_force.amendment_count,
        in_force.insured_value,
        in_force.cover_ratio,
        in_force.insured_amount,
        {{ amount_krw('in_force.insured_value', 'in_force.currency') }} as insured_value_krw,
        {{ amount_krw('in_force.insured_amount', 'in_force.currency') }} as insured_amount_krw,
        in_force.premium_krw,
        {{ fx_rate('in_force.currency') }} as fx_rate,
        in_force.creates_volume,
        in_force.is_cancelled,
        in_force.cancelled_on,
        rates.fx_rate_on
    from in_force
    left join rates on in_force.currency = rates.currency and in_force.event_on = rates.as_of_on
    left join first_rates on in_force.currency = first_rates.currency
)

select * from final
