with countries as (
    select * from {{ ref('country') }}
),

special_codes as (
    select * from {{ ref('customs_special_code') }}
),

final as (
    select
        iso3 as country_key,
        'COUNTRY' as country_kind,
        customs_code,
        iso2,
        iso3,
        m49,
        name_en as country_name_en,
        name_ko as country_name_ko,
        customs_name_ko,
        m49_region,
        m49_subregion,
        partner_region,
        cast(null as varchar) as special_code_reason,
        is_ldc,
        is_lldc,
        is_sids,
        is_open_registry
    from countries

    union all

    select
        'X-' || customs_code as country_key,
        'SPECIAL_CODE' as country_kind,
        customs_code,
        cast(null as varchar) as iso2,
        cast(null as varchar) as iso3,
        cast(null as varchar) as m49,
        name_en as country_name_en,
        name_ko as country_name_ko,
        name_ko as customs_name_ko,
        cast(null as varchar) as m49_region,
        cast(null as varchar) as m49_subregion,
        cast(null as varchar) as partner_region,
        code_reason as special_code_reason,
        cast(null as boolean) as is_ldc,
        cast(null as boolean) as is_lldc,
        cast(null as boolean) as is_sids,
        false as is_open_registry
    from special_codes

    union all

    select
        'UNMAPPED' as country_key,
        'UNMAPPED' as country_kind,
        cast(null as varchar) as customs_code,
        cast(null as varchar) as iso2,
        cast(null as varchar) as iso3,
        cast(null as varchar) as m49,
        'Customs codes not in the country list' as country_name_en,
        '국가 목록에 없는 통관 국가코드' as country_name_ko,
        cast(null as varchar) as customs_name_ko,
        cast(null as varchar) as m49_region,
        cast(null as varchar) as m49_subregion,
        cast(null as varchar) as partner_region,
        cast(null as varchar) as special_code_reason,
        cast(null as boolean) as is_ldc,
        cast(null as boolean) as is_lldc,
        cast(null as boolean) as is_sids,
        false as is_open_registry
)

select * from final
