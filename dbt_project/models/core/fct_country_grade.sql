-- Both schemes as dated facts. What the OECD decided between 2022-07-08 and 2026-01-30 was not observed: no row covers
-- it. K-SURE tells only today's grade, so its history is what the kept replies say.
with oecd as (
    select * from {{ ref('oecd_country_risk') }}
),

snapshots as (
    select * from {{ ref('fct_country_grade_snapshot') }}
),

newest_reply as (
    select max(known_at) as known_at
    from snapshots
),

seen as (
    select
        country_code_raw,
        max(known_at) as last_seen_at
    from snapshots
    group by country_code_raw
),

-- The same evaluation is told again in every reply; a later reply may correct it.
evaluations as (
    select
        country_code_raw,
        country_key,
        load_id,
        source_row,
        credit_grade,
        is_synthetic,
        evaluated_on,
        known_at,
        row_number() over (
            partition by country_code_raw, evaluated_on
            order by known_at desc nulls last, snapshot_month desc nulls last, source_row desc nulls last
        ) as place
    from snapshots
),

windows as (
    select
        evaluations.country_code_raw,
        evaluations.country_key,
        evaluations.load_id,
        evaluations.source_row,
        evaluations.credit_grade,
        evaluations.is_synthetic,
        evaluations.evaluated_on,
        evaluations.known_at,
        lead(evaluations.evaluated_on) over (
            partition by evaluations.country_code_raw order by evaluations.evaluated_on asc nulls last
        ) as next_evaluated_on,
        case when seen.last_seen_at < newest_reply.known_at then {{ korean_date('seen.last_seen_at') }} end
            as last_listed_on
    from evaluations
    inner join seen on evaluations.country_code_raw = seen.country_code_raw
    cross join newest_reply
    where evaluations.place = 1
),

final as (
    select
        'OECD' as grade_scheme,
        iso3 as country_key,
        iso2 as country_code_raw,
        cast(null as varchar) as load_id,
        unclassified_reason,
        evidence,
        cast(null as bigint) as source_row,
        cast(category as integer) as category,
        false as is_synthetic,
        valid_from,
        valid_to,
        cast(null as timestamptz) as known_at
    from oecd

    union all

    select
        'KSURE' as grade_scheme,
        country_key,
        country_code_raw,
        load_id,
        cast(null as varchar) as unclassified_reason,
        case when next_evaluated_on is null and last_listed_on is not null then 'no_longer_listed' else 'observed' end
            as evidence,
        source_row,
        credit_grade as category,
        is_synthetic,
        evaluated_on as valid_from,
        case
            when next_evaluated_on is not null
                then cast({{ dbt.dateadd('day', -1, 'next_evaluated_on') }} as date)
            else last_listed_on
        end as valid_to,
        known_at
    from windows
)

select * from final
