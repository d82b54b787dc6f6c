with definitions as (
    select * from {{ ref('dim_market_definition') }}
),

final as (
    select count(*) as headline_definitions
    from definitions
    where is_headline
    having count(*) <> 1
)

select * from final
