with ecos as (
    select * from {{ ref('fct_fx_rate') }}
),

eximbank as (
    select * from {{ ref('fct_fx_rate_eximbank') }}
),

quoted as (
    select
        currency,
        load_id,
        'ECOS' as fx_source,
        1 as preference,
        krw_per_unit,
        rate_on,
        known_at
    from ecos
    where is_latest_vintage

    union all

    select
        currency,
        load_id,
        'EXIMBANK' as fx_source,
        2 as preference,
        krw_per_unit,
        rate_on,
        known_at
    from eximbank
    where is_latest_vintage
),

-- Loads of another kind of period may hold the same day once more; the newest of them counts.
ranked as (
    select
        currency,
        fx_source,
        krw_per_unit,
        rate_on,
        row_number() over (
            partition by currency, rate_on
            order by preference asc nulls last, known_at desc nulls last, load_id asc nulls last
        ) as place
    from quoted
),

final as (
    select
        currency,
        fx_source,
        krw_per_unit as fx_rate,
        rate_on,
        lead(rate_on) over (partition by currency order by rate_on asc nulls last) as next_rate_on
    from ranked
    where place = 1
)

select * from final
