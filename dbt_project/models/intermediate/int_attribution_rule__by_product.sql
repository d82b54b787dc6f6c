with rules as (
    select * from {{ ref('attribution_rule') }}
),

final as (
    select
        product_code,
        max(case when purpose = 'TARGET' then country_role end) as target_role,
        max(case when purpose = 'TARGET' then otherwise end) as target_otherwise,
        max(case when purpose = 'LIMIT' then country_role end) as limit_role,
        max(case when purpose = 'LIMIT' then otherwise end) as limit_otherwise,
        max(case when purpose = 'PRICING' then country_role end) as pricing_role,
        max(case when purpose = 'PRICING' then otherwise end) as pricing_otherwise
    from rules
    group by product_code
)

select * from final
