-- Won amounts are at the rate of the day of signing, or of the first event while no signing is known.
with milestones as (
    select * from {{ ref('int_center_event__contract_milestones') }}
),

terms as (
    select * from {{ ref('int_center_event__contract_terms') }}
),

events as (
    select * from {{ ref('fct_center_event') }}
),

rates as (
    select * from {{ ref('int_fx_rate__as_of_day') }}
),

first_rates as (
    select * from {{ ref('int_fx_rate__first_day') }}
),

contracts as (
    select
        milestones.contract_no,
        milestones.center_code,
        milestones.feed_id,
        milestones.region_key,
        terms.event_id,
        terms.load_id,
        case
            when milestones.is_cancelled then 'CANCELLED'
            when milestones.first_shipped_on is not null then 'SHIPPED'
            when terms.event_id is null then 'NOT_SEEN_SIGNED'
            else 'OPEN'
        end as contract_status,
        terms.currency,
        coalesce(terms.amendment_count, 0) as amendment_count,
        terms.contract_amount,
        milestones.is_cancelled,
        milestones.is_synthetic,
        milestones.signed_on,
        coalesce(milestones.signed_on, milestones.first_event_on) as valued_on,
        milestones.first_shipped_on,
        milestones.cancelled_on,
        milestones.known_at
    from milestones
    left join terms
        on
            milestones.feed_id = terms.feed_id
            and milestones.center_code = terms.center_code
            and milestones.contract_no = terms.contract_no
),

valued as (
    select
        contracts.feed_id,
        contracts.center_code,
        contracts.contract_no,
        {{ fx_source('contracts.currency') }} as fx_source,
        {{ krw_status('contracts.contract_amount', 'contracts.currency', 'contracts.valued_on') }} as krw_status,
        {{ amount_krw('contracts.contract_amount', 'contracts.currency') }} as contract_amount_krw,
        {{ fx_rate('contracts.currency') }} as fx_rate,
        rates.fx_rate_on
    from contracts
    left join rates on contracts.currency = rates.currency and contracts.valued_on = rates.as_of_on
    left join first_rates on contracts.currency = first_rates.currency
),

final as (
    select
        contracts.contract_no,
        contracts.center_code,
        contracts.feed_id,
        contracts.region_key,
        contracts.event_id,
        contracts.load_id,
        events.company_id,
        events.buyer_id,
        events.policy_id,
        events.buyer_country_iso2 as attributed_country_iso2,
        coalesce(events.country_attribution, 'UNALLOCATED') as country_attribution,
        events.hs_code,
        contracts.contract_status,
        contracts.currency,
        events.incoterms,
        events.payment_terms,
        events.esign_status,
        valued.fx_source,
        valued.krw_status,
        events.source_file,
        events.source_row,
        contracts.amendment_count,
        contracts.contract_amount,
        valued.contract_amount_krw,
        case when contracts.is_cancelled then cast(0 as decimal(24, 2)) else contracts.contract_amount end
            as net_contract_amount,
        case when contracts.is_cancelled then cast(0 as decimal(28, 0)) else valued.contract_amount_krw end
            as net_contract_amount_krw,
        valued.fx_rate,
        events.tenor_days,
        contracts.is_cancelled,
        contracts.is_synthetic,
        contracts.signed_on,
        cast({{ dbt.date_trunc('month', 'contracts.valued_on') }} as date) as contract_month,
        events.ship_by_on,
        contracts.first_shipped_on,
        contracts.cancelled_on,
        valued.fx_rate_on,
        contracts.known_at
    from contracts
    inner join valued
        on
            contracts.feed_id = valued.feed_id
            and contracts.center_code = valued.center_code
            and contracts.contract_no = valued.contract_no
    left join events
        on contracts.feed_id = events.feed_id and contracts.event_id = events.event_id and events.is_current
)

select * from final
