-- The terms of each contract as its newest signing or amendment leaves them, whenever that came in.
with events as (
    select * from {{ ref('fct_center_event') }}
),

changes as (
    select
        feed_id,
        center_code,
        contract_no,
        event_id,
        load_id,
        event_type,
        currency,
        contract_amount,
        row_number() over newest_first as place,
        -- A change that states no amount leaves the amount as it was.
        row_number() over (
            partition by feed_id, center_code, contract_no
            order by
                case when contract_amount is null then 1 else 0 end asc nulls last,
                event_at desc nulls last,
                case when event_type = 'CONTRACT_AMENDED' then 1 else 0 end desc nulls last,
                updated_at desc nulls last,
                event_id desc nulls last
        ) as amount_place
    from events
    where
        is_current
        and contract_no is not null
        and event_type in ('CONTRACT_SIGNED', 'CONTRACT_AMENDED')
    window newest_first as (
        partition by feed_id, center_code, contract_no
        order by
            event_at desc nulls last,
            case when event_type = 'CONTRACT_AMENDED' then 1 else 0 end desc nulls last,
            updated_at desc nulls last,
            event_id desc nulls last
    )
),

final as (
    select
        feed_id,
        center_code,
        contract_no,
        max(case when place = 1 then event_id end) as event_id,
        max(case when place = 1 then load_id end) as load_id,
        max(case when amount_place = 1 then currency end) as currency,
        max(case when amount_place = 1 then contract_amount end) as contract_amount,
        cast(count(case when event_type = 'CONTRACT_AMENDED' then 1 end) as integer) as amendment_count
    from changes
    group by feed_id, center_code, contract_no
)

select * from final
