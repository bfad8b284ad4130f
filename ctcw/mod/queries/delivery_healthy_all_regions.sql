/* As delivery_healthy, and no region that the trail covers reports an error or has stopped. It costs a call for each
   region, so it is a query of its own: failing_regions and region_status are asked for only where they are named.
   One text for Postgres and SQLite. */
with setting as (
  select cast(24 /* max_delivery_age_hours */ as double precision) as max_age_hours
)
select
  coalesce(arn, 'arn:' || partition || ':::' || account_id) as resource,
  case
    when exempt_reason is not null then 'skip'
    when delivery_status = 'not_configured' then 'skip'
    when delivery_status in ('delivering', 'stale')
      and latest_cloudwatch_logs_delivery_error is null
      and cloudwatch_logs_delivery_age_hours <= max_age_hours
      and failing_regions is null
      -- A region that could not be asked has its error in region_status.
      and replace(cast(region_status as text), '": "', '":"') not like '%"error":"%' then 'ok'
    when trail_account_id <> account_id then 'info'
    when delivery_status = 'unknown' then 'error'
    when delivery_status in ('delivering', 'stale')
      and latest_cloudwatch_logs_delivery_error is null
      and cloudwatch_logs_delivery_age_hours <= max_age_hours
      and failing_regions is null then 'error'
    else 'alarm'
  end as status,
  case
    when exempt_reason is not null then 'Exempt: ' || exempt_reason
    when delivery_status in ('not_configured', 'no_trail', 'unknown') then status_reason
    else
      case when failing_regions is not null then 'Failing in ' || failing_regions || '. ' else '' end
      || case
        when failing_regions is null
          and (region_status is null or replace(cast(region_status as text), '": "', '":"') like '%"error":"%') then
          'Not every region could be asked. '
        else ''
      end
      -- The plugin's own limit is 24 hours: with a narrower window its reason does not say what is wrong.
      || case
        when delivery_status in ('delivering', 'degraded') and cloudwatch_logs_delivery_age_hours > max_age_hours then
          'No delivery within ' || replace(cast(max_age_hours as text) || ' hours: ', '.0 ', ' ')
        else ''
      end
      || status_reason
      || case
        when trail_account_id <> account_id and delivery_status = 'delivering'
          and (failing_regions is not null or cloudwatch_logs_delivery_age_hours > max_age_hours) then
          ' The trail belongs to account ' || trail_account_id || '; only its owner can mend it.'
        else ''
      end
  end as reason,
  account_id,
  coalesce(region, 'global') as region
from
  cloudtrail_cloudwatch_status
  cross join setting
order by
  account_id,
  resource;
