-- Each definition has a membership for each country, and as many members as its source counts.
with definitions as (
    select * from {{ ref('dim_market_definition') }}
),

countries as (
    select * from {{ ref('dim_country') }}
),

memberships as (
    select * from {{ ref('bridge_market_membership') }}
),

country_count as (
    select count(*) as countries
    from countries
    where country_kind = 'COUNTRY'
),

judged as (
    select
        definition_id,
        count(distinct country_key) as judged_countries,
        count(distinct case when is_member then country_key end) as members
    from memberships
    group by definition_id
),

final as (
    select
        definitions.definition_id,
        definitions.member_count,
        judged.members,
        judged.judged_countries,
        country_count.countries
    from definitions
    cross join country_count
    left join judged on definitions.definition_id = judged.definition_id
    where
        not coalesce(
            judged.members = definitions.member_count
            and judged.judged_countries = country_count.countries,
            false
        )
)

select * from final
