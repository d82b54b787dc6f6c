with definitions as (
    select * from {{ ref('market_definition') }}
),

final as (
    select
        definition_id,
        title_en,
        title_ko,
        status,
        status_text,
        source,
        confidence,
        cast(member_count as integer) as member_count,
        is_headline,
        valid_from,
        valid_to
    from definitions
)

select * from final
