/* The log group that the trail delivers to exists. One text for Postgres and SQLite. */
select
  coalesce(arn, 'arn:' || partition || ':::' || account_id) as resource,
  case
    when exempt_reason is not null then 'skip'
    when delivery_status in ('not_configured', 'no_trail') then 'skip'
    -- Another account's trail that does not deliver: its owner has more to mend than the log group.
    when trail_account_id <> account_id and delivery_status not in ('delivering', 'degraded') then 'info'
    when log_group_status = 'found' then 'ok'
    when log_group_status = 'not_found' then 'alarm'
    when log_group_status = 'other_account' or trail_account_id <> account_id then 'info'
    else 'error'
  end as status,
  case
    when exempt_reason is not null then 'Exempt: ' || exempt_reason
    when log_group_status is null then status_reason
    when trail_account_id <> account_id and delivery_status not in ('delivering', 'degraded') then status_reason
    when log_group_status = 'found' then
      'Log group ' || log_group_name || ' exists in region ' || log_group_region || '.'
    when log_group_status = 'not_found' then
      'Log group ' || log_group_name || ' does not exist in region ' || log_group_region || '.'
    else
      case
        when log_group_status = 'other_account' then
          'Log group ' || log_group_name || ' belongs to account ' || log_group_account_id
          || ', which this connection cannot ask.'
        else
          'Log group ' || coalesce(log_group_name, log_group_arn) || ' could not be read: '
          || coalesce(log_group_error, 'no error was given.')
      end
      || case
        when trail_account_id <> account_id then
          ' The trail belongs to account ' || trail_account_id || '; only its owner can look after it.'
        else ''
      end
  end as reason,
  account_id,
  coalesce(region, 'global') as region
from
  cloudtrail_cloudwatch_status
order by
  account_id,
  resource;
