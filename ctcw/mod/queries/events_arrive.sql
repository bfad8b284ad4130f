/* The events of each account and region arrive in the trail's log group. One row for each trail, account and
   region of its log streams. One text for Postgres and SQLite. */
select
  -- The streams of an account and a region, by the ARN of their log group.
  coalesce(
    replace(log_group_arn, ':*', '') || ':log-stream:' || source_account_id || '_CloudTrail' || coalesce('_' || stream_region, ''),
    'arn:' || partition || ':::' || account_id
  ) as resource,
  case
    when exempt_reason is not null then 'skip'
    when arrival_status = 'arriving' then 'ok'
    when arrival_status = 'quiet' then 'info'
    when arrival_status = 'empty' and delivery_status in ('delivering', 'degraded') then 'alarm'
    -- Nothing arrives where nothing is delivered: the other controls say why.
    when arrival_status = 'empty' then 'info'
    else 'error'
  end as status,
  case
    when exempt_reason is not null then 'Exempt: ' || exempt_reason
    when arrival_status = 'empty' and delivery_status in ('delivering', 'degraded') then
      status_reason || ' CloudTrail says that trail ' || name || ' delivers.'
    when arrival_status = 'empty' then
      status_reason || ' The delivery_status of trail ' || name || ' is ' || coalesce(delivery_status, 'unknown') || '.'
    else status_reason
  end as reason,
  account_id,
  coalesce(region, 'global') as region,
  coalesce(source_account_id, account_id) as source_account_id,
  coalesce(source_account_name, '') as source_account_name,
  coalesce(stream_region, '') as stream_region,
  arrival_status
from
  cloudtrail_cloudwatch_arrival
order by
  account_id,
  resource;
