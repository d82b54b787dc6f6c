with memberships as (
    select * from {{ ref('bridge_market_membership') }}
),

windows as (
    select
        definition_id,
        country_key,
        valid_from,
        coalesce(valid_from, cast('0001-01-01' as date)) as first_on,
        coalesce(valid_to, cast('9999-12-31' as date)) as last_on
    from memberships
),

final as (
    select
        earlier.definition_id,
        earlier.country_key,
        earlier.first_on as earlier_first_on,
        later.first_on as later_first_on
    from windows as earlier
    inner join windows as later
        on
            earlier.definition_id = later.definition_id
            and earlier.country_key = later.country_key
            and earlier.first_on < later.first_on
            and earlier.last_on >= later.first_on
)

select * from final
