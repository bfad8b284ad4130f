/* CIS AWS Foundations 3.4 (2.4 in v1.2.0): the trail has a log group, and CloudTrail delivered to it
   within the window. One text for Postgres and SQLite. */
with setting as (
  select cast(24 /* max_delivery_age_hours */ as double precision) as max_age_hours
)
select
  coalesce(arn, 'arn:' || partition || ':::' || account_id) as resource,
  case
    when exempt_reason is not null then 'skip'
    -- In these three the trail is logging, its log group is not missing, and the age says how fresh.
    when delivery_status in ('delivering', 'degraded', 'stale')
      and cloudwatch_logs_delivery_age_hours <= max_age_hours then 'ok'
    when trail_account_id <> account_id then 'info'
    when delivery_status = 'unknown' then 'error'
    else 'alarm'
  end as status,
  case
    when exempt_reason is not null then 'Exempt: ' || exempt_reason
    -- The plugin's own limit is 24 hours: with a narrower window its reason does not say what is wrong.
    when delivery_status in ('delivering', 'degraded')
      and cloudwatch_logs_delivery_age_hours > max_age_hours then
      'No delivery within ' || replace(cast(max_age_hours as text) || ' hours: ', '.0 ', ' ') || status_reason
      || case
        when trail_account_id <> account_id and delivery_status = 'delivering' then
          ' The trail belongs to account ' || trail_account_id || '; only its owner can mend it.'
        else ''
      end
    else status_reason
  end as reason,
  account_id,
  coalesce(region, 'global') as region,
  delivery_status
from
  cloudtrail_cloudwatch_status
  cross join setting
order by
  account_id,
  resource;
