/* Every enabled region of the account was listed: a trail in another one would not show. One row for each
   account. One text for Postgres and SQLite. */
with account as (
  select
    partition,
    account_id,
    -- Set in a row about an account that is closed.
    max(case when arn is null then exempt_reason else null end) as closed,
    -- Set in a row about an account of which no region could be listed.
    max(case when delivery_status = 'unknown' and log_group_arn is null then status_reason else null end) as unreadable,
    max(cast(unscanned_regions as text)) as unscanned,
    max(scan_error) as scan_error
  from
    cloudtrail_cloudwatch_status
  group by
    partition,
    account_id
)
select
  'arn:' || partition || ':::' || account_id as resource,
  case
    when closed is not null then 'skip'
    when unreadable is not null then 'error'
    when unscanned is not null then 'info'
    else 'ok'
  end as status,
  case
    when closed is not null then 'Exempt: ' || closed
    when unreadable is not null then unreadable
    when unscanned is not null then
      'Not scanned: '
      -- {"us-west-2":"AccessDenied"} reads us-west-2 AccessDenied.
      || replace(replace(replace(replace(replace(replace(
        unscanned, '{', ''), '}', ''), '"', ''), ' ', ''), ':', ' '), ',', ', ')
      || coalesce('. ' || scan_error, '.')
    else 'Every enabled region was listed.'
  end as reason,
  account_id,
  'global' as region
from
  account
order by
  account_id,
  resource;
