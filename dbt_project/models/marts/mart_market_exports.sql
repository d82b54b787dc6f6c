with definitions as (
    select * from {{ ref('dim_market_definition') }}
),

countries as (
    select * from {{ ref('dim_country') }}
),

trade as (
    select * from {{ ref('int_trade_month__latest_by_country') }}
),

rates as (
    select * from {{ ref('int_fx_rate__month_mean') }}
),

memberships as (
    select * from {{ ref('int_market_membership__as_of_month') }}
),

priced as (
    select
        trade.trade_month,
        trade.country_key,
        trade.load_id,
        trade.exports_usd,
        trade.imports_usd,
        trade.world_exports_usd,
        trade.known_at,
        coalesce(rates.krw_status, 'NO_RATE') as krw_status,
        rates.rate_source,
        case when rates.usd_krw_rate is not null then 'MEAN_OF_DAILY_BASE_RATES' end as rate_basis,
        {{ to_krw('trade.exports_usd', 'rates.usd_krw_rate') }} as exports_krw,
        rates.usd_krw_rate,
        coalesce(rates.rate_days, 0) as rate_days,
        trade.is_synthetic or coalesce(rates.is_synthetic, false) as is_synthetic,
        rates.rate_first_on,
        rates.rate_last_on,
        rates.rate_known_at
    from trade
    left join rates on trade.trade_month = rates.rate_month
),

-- A country without a membership gets a null status, which the contract refuses: nobody is a non-member by omission.
judged as (
    select
        definitions.definition_id,
        priced.trade_month,
        priced.country_key,
        countries.country_name_en,
        countries.country_name_ko,
        countries.is_open_registry,
        case
            when countries.country_kind <> 'COUNTRY' then countries.country_kind
            when memberships.is_member then 'MEMBER'
            when not memberships.is_member then 'NON_MEMBER'
        end as membership_status,
        case
            when countries.country_kind <> 'COUNTRY' then 'NONE'
            else memberships.membership_basis
        end as membership_basis
    from priced
    cross join definitions
    left join countries on priced.country_key = countries.country_key
    left join memberships
        on
            priced.trade_month = memberships.trade_month
            and priced.country_key = memberships.country_key
            and definitions.definition_id = memberships.definition_id
),

final as (
    select
        judged.definition_id,
        judged.trade_month,
        judged.country_key,
        definitions.title_en as definition_title_en,
        definitions.title_ko as definition_title_ko,
        definitions.status as definition_status,
        definitions.status_text as definition_status_text,
        judged.country_name_en,
        judged.country_name_ko,
        judged.membership_status,
        judged.membership_basis,
        priced.krw_status,
        priced.rate_source,
        priced.rate_basis,
        priced.load_id,
        priced.exports_usd,
        priced.imports_usd,
        priced.exports_krw,
        priced.usd_krw_rate,
        priced.rate_days,
        {{ ratio('priced.exports_usd', 'priced.world_exports_usd') }} as share_of_world_exports,
        case
            when judged.membership_status = 'MEMBER'
                then {{ ratio(
                    'priced.exports_usd',
                    "sum(case when judged.membership_status = 'MEMBER' then priced.exports_usd end)"
                    ~ " over (partition by judged.definition_id, judged.trade_month)"
                ) }}
        end as share_of_definition_exports,
        judged.membership_status = 'MEMBER' as is_member,
        definitions.is_headline as is_headline_definition,
        judged.is_open_registry,
        priced.is_synthetic,
        priced.rate_first_on,
        priced.rate_last_on,
        priced.known_at,
        priced.rate_known_at
    from judged
    inner join definitions on judged.definition_id = definitions.definition_id
    inner join priced
        on
            judged.trade_month = priced.trade_month
            and judged.country_key = priced.country_key
)

select * from final
