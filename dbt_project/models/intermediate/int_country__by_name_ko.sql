with countries as (
    select * from {{ ref('country') }}
),

aliases as (
    select * from {{ ref('country_alias') }}
),

named as (
    select
        name_ko,
        iso3 as country_key
    from countries

    union all

    select
        customs_name_ko as name_ko,
        iso3 as country_key
    from countries
    where customs_name_ko is not null

    union all

    select
        aliases.alias as name_ko,
        countries.iso3 as country_key
    from aliases
    inner join countries on aliases.iso2 = countries.iso2
    where aliases.scheme = 'NAME_KO'
),

-- A name that means two countries means none.
final as (
    select
        name_ko,
        min(country_key) as country_key
    from named
    group by name_ko
    having min(country_key) = max(country_key)
)

select * from final
