-- When each contract was signed, shipped and cancelled; all that is known of some is a shipment or a cancellation.
with events as (
    select * from {{ ref('fct_center_event') }}
),

final as (
    select
        feed_id,
        center_code,
        contract_no,
        max(region_key) as region_key,
        bool_or(event_type = 'CONTRACT_CANCELLED') as is_cancelled,
        bool_or(is_synthetic) as is_synthetic,
        coalesce(
            min(case when event_type = 'CONTRACT_SIGNED' then coalesce(signed_on, event_on) end),
            min(case when event_type = 'CONTRACT_AMENDED' then signed_on end)
        ) as signed_on,
        min(event_on) as first_event_on,
        min(case when event_type = 'SHIPPED' then event_on end) as first_shipped_on,
        min(case when event_type = 'CONTRACT_CANCELLED' then event_on end) as cancelled_on,
        max(known_at) as known_at
    from events
    where
        is_current
        and contract_no is not null
        and event_type in ('CONTRACT_SIGNED', 'CONTRACT_AMENDED', 'CONTRACT_CANCELLED', 'SHIPPED')
    group by feed_id, center_code, contract_no
)

select * from final
