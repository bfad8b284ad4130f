/* Security group changes, ModifySecurityGroupRules too: someone is told. One row for each account, of the trail that gets furthest.
   One text for Postgres and SQLite. Generated: see ctcw/mod/monitoring. */
with trail as (
  select
    partition,
    account_id,
    trail_account_id,
    coalesce(arn, '') as arn,
    alarm_status,
    status_reason,
    exempt_reason,
    coalesce(log_group_account_id, '') as log_group_account_id,
    case when coalesce(trail_account_id, account_id) = account_id then 1 else 0 end as own,
    case when exempt_reason is null then 1 else 0 end as counts,
    -- The row stands for accounts that are missing, in the name of the one that was to list them.
    case when scan_error like '%cannot list the organization''s accounts%' then 1 else 0 end as others,
    -- From v5.0.0 on CIS asks for every event that missing_events can name.
    case when alarm_status = 'monitored' and cast(missing_events as text) = '[]' then 1 else 0 end as told,
    -- How far along the chain from the trail to a person.
    case alarm_status
      when 'unknown' then 0
      when 'no_trail' then 1
      when 'not_delivering' then 2
      when 'partial_scope' then 3
      when 'not_recorded' then 4
      when 'no_filter' then 5
      when 'filter_misses_events' then 6
      when 'filter_too_wide' then 7
      when 'no_alarm' then 8
      when 'alarm_disabled' then 9
      when 'no_action' then 10
      when 'no_subscriber' then 11
      when 'monitored' then 12
      else 0
    end as reach
  from
    cloudtrail_cloudwatch_alarm_status
  where
    event_class = 'security_group_changes'
),
ranked as (
  select
    trail.*,
    max(counts) over (partition by partition, account_id, others) as any_counts,
    max(own * counts) over (partition by partition, account_id, others) as any_own,
    row_number() over (
      partition by partition, account_id, others
      order by
        case
          when told = 1 then 1
          when counts = 0 then 5
          when reach = 0 and own = 1 then 2
          when reach = 0 then 3
          else 4
        end,
        reach desc,
        own desc,
        arn
    ) as place,
    -- The trail is another account's, but its log group is this account's, and what is wrong hangs on that.
    case
      when own = 0 and log_group_account_id = account_id and reach >= 5 then 1
      else 0
    end as mended_here
  from
    trail
)
select
  'arn:' || partition || ':::' || account_id as resource,
  case
    when any_counts = 0 then 'skip'
    when told = 1 then 'ok'
    when reach = 0 and own = 1 then 'error'
    when reach = 0 then 'info'
    when any_own = 0 and mended_here = 0 then 'info'
    else 'alarm'
  end as status,
  case
    when any_counts = 0 then 'Exempt: ' || exempt_reason
    when told = 0 and mended_here = 1 then
      replace(status_reason, ' The trail belongs to account ' || trail_account_id || '; only its owner can mend it.', '')
      || ' The log group is this account''s, though the trail belongs to account ' || trail_account_id || '.'
    -- That the owner can mend it is not what makes it this account's alarm.
    when told = 0 and reach > 0 and own = 0 and any_own = 1 then status_reason || ' No trail of this account''s own gets further.'
    else status_reason
  end as reason,
  account_id,
  'global' as region,
  alarm_status,
  arn as trail_arn
from
  ranked
where
  place = 1
order by
  account_id,
  resource;
