with rules as (
    select * from {{ ref('stg_lake__load_rule') }}
),

listed as (
    select
        load_id,
        rule,
        '{"rule":' || {{ json_text('rule') }}
        || ',"severity":' || {{ json_text('severity') }}
        || ',"dimension":' || {{ json_text('dimension') }}
        || ',"failed_rows":' || cast(failed_rows as varchar)
        || ',"quarantined_rows":' || cast(quarantined_rows as varchar) || '}' as member
    from rules
    where quarantined_rows > 0
),

final as (
    select
        load_id,
        {{ json_array('member', 'rule') }} as quarantined_by_rule
    from listed
    group by load_id
)

select * from final
