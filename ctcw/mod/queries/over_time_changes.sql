/* File of runs only. What changed between the last run and the one before: trails and accounts whose delivery_status is
   another, that are new, or that are gone. */
with last as (
  select
    max(run_id) as after_run,
    (select max(run_id) from ctcw_run where run_id < (select max(run_id) from ctcw_run)) as before_run
  from
    ctcw_run
),
row_of as (
  select
    run_id,
    coalesce(arn, 'arn:' || partition || ':::' || account_id) as resource,
    account_id,
    coalesce(region, 'global') as region,
    delivery_status,
    status_reason,
    exempt_reason
  from
    cloudtrail_cloudwatch_status_history
  where
    run_id in (select after_run from last)
    or run_id in (select before_run from last)
),
pair as (
  select
    resource,
    account_id,
    max(region) as region,
    max(case when run_id = after_run then delivery_status else null end) as now,
    max(case when run_id = before_run then delivery_status else null end) as was,
    max(case when run_id = after_run then status_reason else null end) as reason,
    max(case when run_id = after_run then exempt_reason else null end) as exempt_reason
  from
    row_of
    cross join last
  group by
    resource,
    account_id
),
-- Accounts that the last run could not list.
missing as (
  select distinct
    row_of.account_id
  from
    row_of
    join last on row_of.run_id = last.before_run
    join ctcw_run as run on run.run_id = last.after_run
  where
    run.not_readable like '%cannot list the organization''s accounts%'
    and row_of.account_id not in (select account_id from row_of join last on row_of.run_id = last.after_run)
)
select
  resource,
  case
    when exempt_reason is not null then 'skip'
    when now = was or now in ('delivering', 'degraded') then 'ok'
    when now is null and account_id in (select account_id from missing) then 'error'
    when now is null then 'info'
    when now = 'unknown' then 'error'
    when was is null or was in ('delivering', 'degraded') then 'alarm'
    else 'info'
  end as status,
  case
    when exempt_reason is not null then 'Exempt: ' || exempt_reason
    when now = was then 'Still ' || now || '.'
    when now is null and account_id in (select account_id from missing) then 'Was ' || was || '; the last run could not list every account, and lacks this one.'
    when now is null then 'Was ' || was || ', and is not seen any more.'
    when was is null then 'New: ' || now || '. ' || reason
    else 'Was ' || was || ', is ' || now || '. ' || reason
  end as reason,
  account_id,
  region
from
  pair
where
  (select before_run from last) is not null
order by
  account_id,
  resource;
