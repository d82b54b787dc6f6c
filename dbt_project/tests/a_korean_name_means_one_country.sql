-- An alias that contradicts the country list or another alias would move money from one country to another.
with countries as (
    select * from {{ ref('country') }}
),

aliases as (
    select * from {{ ref('country_alias') }}
),

named as (
    select
        name_ko as spelling,
        iso2
    from countries

    union all

    select
        customs_name_ko as spelling,
        iso2
    from countries
    where customs_name_ko is not null

    union all

    select
        alias as spelling,
        iso2
    from aliases
    where scheme = 'NAME_KO'
),

final as (
    select
        spelling,
        min(iso2) as one_country,
        max(iso2) as other_country
    from named
    group by spelling
    having min(iso2) <> max(iso2)
)

select * from final
