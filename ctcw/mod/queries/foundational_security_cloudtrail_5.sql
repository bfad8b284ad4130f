/* Security Hub CloudTrail.5: the trail has a log group; whether anything arrives there is not asked.
   One text for Postgres and SQLite. */
select
  coalesce(arn, 'arn:' || partition || ':::' || account_id) as resource,
  case
    when exempt_reason is not null then 'skip'
    when log_group_arn is not null then 'ok'
    when trail_account_id <> account_id then 'info'
    when delivery_status = 'unknown' then 'error'
    else 'alarm'
  end as status,
  case
    when exempt_reason is not null then 'Exempt: ' || exempt_reason
    when log_group_arn is not null then 'Log group ' || coalesce(log_group_name, log_group_arn) || ' is configured.'
    else status_reason
  end as reason,
  account_id,
  coalesce(region, 'global') as region
from
  cloudtrail_cloudwatch_status
order by
  account_id,
  resource;
