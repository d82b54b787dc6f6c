with memberships as (
    select * from {{ ref('bridge_market_membership') }}
),

trade as (
    select * from {{ ref('fct_trade_month') }}
),

months as (
    select distinct trade_month
    from trade
    where is_latest_vintage
),

-- A month is judged on its first day, so that on consecutive windows exactly one is in force.
compared as (
    select
        months.trade_month,
        memberships.definition_id,
        memberships.country_key,
        memberships.is_member,
        memberships.valid_from,
        memberships.valid_to,
        case
            when memberships.valid_from is null and memberships.valid_to is null then 'NOT_DATED'
            when memberships.valid_from > months.trade_month then 'CARRIED_BACK'
            when memberships.valid_to < months.trade_month then 'CARRIED_FORWARD'
            else 'IN_FORCE'
        end as membership_basis
    from memberships
    cross join months
),

ranked as (
    select
        trade_month,
        definition_id,
        country_key,
        membership_basis,
        is_member,
        row_number() over (
            partition by trade_month, definition_id, country_key
            order by
                case membership_basis
                    when 'IN_FORCE' then 1
                    when 'NOT_DATED' then 2
                    when 'CARRIED_FORWARD' then 3
                    else 4
                end asc nulls last,
                case when membership_basis = 'CARRIED_FORWARD' then valid_to end desc nulls last,
                valid_from asc nulls last
        ) as preference
    from compared
),

final as (
    select
        trade_month,
        definition_id,
        country_key,
        membership_basis,
        is_member
    from ranked
    where preference = 1
)

select * from final
