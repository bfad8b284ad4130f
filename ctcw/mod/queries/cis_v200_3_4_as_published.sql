/* Postgres only, for its date arithmetic: the rule that is widely published for CIS 3.4, over this table,
   to compare with. It looks at delivery to S3, so it passes trails that deliver nothing to CloudWatch Logs.
   It says interval because SQLite refuses that; the usual current_date - 1 is a year to it, and always past. */
select
  coalesce(arn, 'arn:' || partition || ':::' || account_id) as resource,
  case
    when log_group_arn is not null and latest_delivery_time > current_date - interval '1 day' then 'ok'
    else 'alarm'
  end as status,
  case
    when log_group_arn is null then 'No log group is set.'
    when latest_delivery_time > current_date - interval '1 day' then 'A log group is set, and S3 got a delivery since yesterday.'
    else 'A log group is set, but S3 got no delivery since yesterday.'
  end as reason,
  account_id,
  region,
  delivery_status
from
  cloudtrail_cloudwatch_status
where
  region = home_region
order by
  account_id,
  resource;
