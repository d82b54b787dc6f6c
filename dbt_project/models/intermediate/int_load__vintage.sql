with loads as (
    select * from {{ ref('stg_lake__load') }}
),

-- A year's file and its January's begin on the same day and are two periods. Loads are ordered, not rows: a country
-- that a later vintage leaves out is no longer in the latest figures.
final as (
    select
        load_id,
        feed_id,
        slice,
        vintage_number,
        (row_number() over newest_first) = 1 as is_latest_vintage,
        period_start,
        period_end,
        known_at,
        lag(known_at) over newest_first as superseded_at
    from loads
    where outcome = 'accepted'
    window newest_first as (
        partition by feed_id, period_start, period_end, slice
        order by vintage_number desc nulls last
    )
)

select * from final
