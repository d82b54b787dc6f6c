with totals as (
    select * from {{ ref('stg_lake__load_control_total') }}
),

listed as (
    select
        load_id,
        measure,
        difference,
        '{"measure":' || {{ json_text('measure') }}
        || ',"source":"' || cast(source_total as varchar)
        || '","accepted":"' || cast(accepted_total as varchar)
        || '","quarantined":"' || cast(quarantined_total as varchar)
        || '","difference":"' || cast(difference as varchar) || '"}' as member
    from totals
),

final as (
    select
        load_id,
        {{ json_array('member', 'measure') }} as control_totals,
        bool_and(coalesce(difference = 0, false)) as is_conserved
    from listed
    group by load_id
)

select * from final
