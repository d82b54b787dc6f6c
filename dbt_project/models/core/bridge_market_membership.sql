with memberships as (
    select * from {{ ref('market_membership') }}
),

final as (
    select
        definition_id,
        iso3 as country_key,
        category,
        note,
        is_member,
        valid_from,
        valid_to
    from memberships
)

select * from final
