/* Some trail of the account, its own or its organization's, covers all regions, records all management events, and
   delivers to CloudWatch Logs. One row for each account. One text for Postgres and SQLite. */
with trail as (
  select
    partition,
    account_id,
    trail_account_id,
    coalesce(arn, '') as arn,
    coalesce(name, '') as name,
    coalesce(home_region, '') as home_region,
    coalesce(management_events, '') as management_events,
    status_reason,
    exempt_reason,
    event_selectors_error,
    case when coalesce(trail_account_id, account_id) = account_id then 1 else 0 end as own,
    case when exempt_reason is null then 1 else 0 end as counts,
    -- The row stands for accounts that are missing, in the name of the one that was to list them.
    case when scan_error like '%cannot list the organization''s accounts%' then 1 else 0 end as others,
    -- 2: it does, 1: not known, 0: it does not.
    case when is_multi_region_trail then 2 when is_multi_region_trail is null then 1 else 0 end as scope,
    case when management_events = 'All' then 2 when management_events is null then 1 else 0 end as events,
    case
      when delivery_status in ('delivering', 'degraded') then 2
      when delivery_status is null or delivery_status = 'unknown' then 1
      else 0
    end as delivers
  from
    cloudtrail_cloudwatch_status
),
judged as (
  select
    trail.*,
    case
      when scope = 0 or events = 0 or delivers = 0 then 0
      when scope + events + delivers = 6 then 2
      else 1
    end as covers
  from
    trail
),
ranked as (
  select
    judged.*,
    max(counts) over (partition by partition, account_id, others) as any_counts,
    max(own * counts) over (partition by partition, account_id, others) as any_own,
    row_number() over (
      partition by partition, account_id, others
      order by
        case
          when covers = 2 then 1
          when counts = 0 then 4
          when covers = 1 then 2
          else 3
        end,
        scope + events + delivers desc,
        own desc,
        arn
    ) as place
  from
    judged
)
select
  'arn:' || partition || ':::' || account_id as resource,
  case
    when any_counts = 0 then 'skip'
    when covers = 2 then 'ok'
    when covers = 1 then 'error'
    when any_own = 0 then 'info'
    else 'alarm'
  end as status,
  case
    when any_counts = 0 then 'Exempt: ' || exempt_reason
    when covers = 2 then 'Trail ' || name || ' covers all regions and records all management events. ' || status_reason
    when arn = '' then status_reason
    when covers = 1 and delivers = 1 then status_reason
    when covers = 1 and events = 1 then
      'What trail ' || name || ' records is not known: ' || coalesce(event_selectors_error, 'its event selectors were not read.')
    when covers = 1 then 'Whether trail ' || name || ' covers all regions is not known.'
    else
      rtrim(
        case when scope = 0 then 'Trail ' || name || ' covers region ' || home_region || ' only. ' else '' end
        || case when events = 0 then 'Trail ' || name || ' does not record all management events: ' || management_events || '. ' else '' end
        || case when delivers = 0 then status_reason else '' end
        || case
          when own = 0 and delivers > 0 then 'The trail belongs to account ' || trail_account_id || '; only its owner can mend it.'
          else ''
        end
      )
  end as reason,
  account_id,
  'global' as region,
  arn as trail_arn
from
  ranked
where
  place = 1
order by
  account_id,
  resource;
