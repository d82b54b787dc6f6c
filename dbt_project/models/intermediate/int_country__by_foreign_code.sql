-- Letters are ISO codes and numbers K-SURE's own, so the two schemes cannot collide.
with countries as (
    select * from {{ ref('country') }}
),

ksight as (
    select * from {{ ref('ksight_country') }}
),

final as (
    select
        iso2 as code,
        'ISO2' as scheme,
        iso3 as country_key
    from countries

    union all

    select
        ksight.ksight_code as code,
        'KSIGHT' as scheme,
        countries.iso3 as country_key
    from ksight
    inner join countries on ksight.iso2 = countries.iso2
)

select * from final
