-- What make demo shows.
select
  account_id,
  coalesce(name, '(none)') as trail,
  region,
  delivery_status,
  case
    when retention_never_expires then 'never expires'
    when retention_in_days is not null then retention_in_days || ' days'
    else log_group_status
  end as log_group
from cloudtrail_cloudwatch_status
order by account_id, arn
