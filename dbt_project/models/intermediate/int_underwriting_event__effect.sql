-- What amendments and cancellations do to the event that they name. An amendment of an amendment counts for the event
-- at the end of the chain; one that was itself cancelled counts for nothing.
with recursive events as (
    select * from {{ ref('fct_underwriting_event') }}
),

changes as (
    select
        feed_id,
        event_id,
        amends_event_id,
        event_type,
        currency,
        insured_value,
        cover_ratio,
        insured_amount,
        premium_krw,
        event_on,
        updated_at
    from events
    where
        is_current
        and event_type in ('AMENDMENT', 'CANCELLATION')
),

cancelled as (
    select
        feed_id,
        amends_event_id as event_id,
        min(event_on) as cancelled_on
    from changes
    where event_type = 'CANCELLATION'
    group by feed_id, amends_event_id
),

amendments as (
    select
        changes.feed_id,
        changes.event_id,
        changes.amends_event_id,
        changes.currency,
        changes.insured_value,
        changes.cover_ratio,
        changes.insured_amount,
        changes.premium_krw,
        changes.event_on,
        changes.updated_at
    from changes
    left join cancelled on changes.feed_id = cancelled.feed_id and changes.event_id = cancelled.event_id
    where
        changes.event_type = 'AMENDMENT'
        and cancelled.event_id is null
),

-- A union drops what it has seen, so that amendments which name each other end too.
chains as (
    select
        feed_id,
        event_id,
        amends_event_id as root_event_id
    from amendments

    union

    select
        chains.feed_id,
        chains.event_id,
        amendments.amends_event_id as root_event_id
    from chains
    inner join amendments on chains.feed_id = amendments.feed_id and chains.root_event_id = amendments.event_id
),

-- An amendment that leaves an amount empty does not change it: each amount is that of the newest one that states it.
ranked as (
    select
        chains.feed_id,
        chains.root_event_id,
        amendments.currency,
        amendments.insured_value,
        amendments.cover_ratio,
        amendments.insured_amount,
        amendments.premium_krw,
        amendments.event_on,
        row_number() over (
            partition by chains.feed_id, chains.root_event_id
            order by
                case when amendments.insured_amount is null then 1 else 0 end asc nulls last,
                amendments.event_on desc nulls last,
                amendments.updated_at desc nulls last,
                amendments.event_id desc nulls last
        ) as amount_place,
        row_number() over (
            partition by chains.feed_id, chains.root_event_id
            order by
                case when amendments.premium_krw is null then 1 else 0 end asc nulls last,
                amendments.event_on desc nulls last,
                amendments.updated_at desc nulls last,
                amendments.event_id desc nulls last
        ) as premium_place
    from chains
    inner join amendments on chains.feed_id = amendments.feed_id and chains.event_id = amendments.event_id
    left join amendments as links
        on chains.feed_id = links.feed_id and chains.root_event_id = links.event_id
    where links.event_id is null
),

amended as (
    select
        feed_id,
        root_event_id as event_id,
        max(case when amount_place = 1 and insured_amount is not null then currency end) as currency,
        max(case when amount_place = 1 and insured_amount is not null then insured_value end)
            as insured_value,
        max(case when amount_place = 1 and insured_amount is not null then cover_ratio end) as cover_ratio,
        max(case when amount_place = 1 then insured_amount end) as insured_amount,
        max(case when premium_place = 1 then premium_krw end) as premium_krw,
        cast(count(*) as integer) as amendment_count,
        max(event_on) as amended_on
    from ranked
    group by feed_id, root_event_id
),

final as (
    select
        coalesce(amended.feed_id, cancelled.feed_id) as feed_id,
        coalesce(amended.event_id, cancelled.event_id) as event_id,
        amended.currency,
        coalesce(amended.amendment_count, 0) as amendment_count,
        amended.insured_value,
        amended.cover_ratio,
        amended.insured_amount,
        amended.premium_krw,
        amended.amended_on,
        cancelled.cancelled_on
    from amended
    full outer join cancelled on amended.feed_id = cancelled.feed_id and amended.event_id = cancelled.event_id
)

select * from final
