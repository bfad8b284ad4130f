/* File of runs only. The trail delivered to CloudWatch Logs in every run since the first. One row for each trail of an
   account, and for each account that was seen without one. The days of a run that is not complete are not good. */
with setting as (
  select cast(24 /* max_delivery_age_hours */ as double precision) as max_age_hours
),
seen as (
  select
    coalesce(history.arn, 'arn:' || history.partition || ':::' || history.account_id) as resource,
    history.account_id,
    coalesce(history.region, 'global') as region,
    date(run.checked_at) as day,
    run.checked_at,
    run.run_id,
    run.complete,
    history.exempt_reason,
    case
      when history.exempt_reason is not null then 'skip'
      when history.delivery_status in ('delivering', 'degraded', 'stale')
        and history.cloudwatch_logs_delivery_age_hours <= setting.max_age_hours then 'ok'
      when history.trail_account_id <> history.account_id then 'info'
      when history.delivery_status = 'unknown' then 'error'
      else 'alarm'
    end as verdict
  from
    cloudtrail_cloudwatch_status_history as history
    join ctcw_run as run on run.run_id = history.run_id
    cross join setting
),
-- A gap begins with a run that finds it, where the run before it found something else.
marked as (
  select
    *,
    case
      when verdict in ('alarm', 'error')
        and coalesce(lag(verdict) over (partition by account_id, resource order by run_id), 'ok') not in ('alarm', 'error') then 1
      else 0
    end as begins
  from
    seen
),
summary as (
  select
    resource,
    account_id,
    max(region) as region,
    count(distinct day) as days,
    count(distinct case when complete then day else null end)
      - count(distinct case when complete and verdict in ('alarm', 'error') then day else null end) as good_days,
    sum(begins) as gaps,
    min(case when verdict in ('alarm', 'error') then checked_at else null end) as first_found,
    max(case when verdict in ('alarm', 'error') then checked_at else null end) as last_found,
    max(case when verdict = 'alarm' then 1 else 0 end) as alarms,
    max(case when verdict = 'error' then 1 else 0 end) as errors,
    max(case when verdict = 'info' then 1 else 0 end) as infos,
    max(exempt_reason) as exempt_reason,
    max(case when verdict = 'ok' then 1 else 0 end) as oks
  from
    marked
  group by
    resource,
    account_id
)
select
  resource,
  case
    when alarms = 1 then 'alarm'
    when errors = 1 then 'error'
    when infos = 1 then 'info'
    when oks = 0 then 'skip'
    else 'ok'
  end as status,
  case
    when gaps > 0 then gaps || case when gaps = 1 then ' gap' else ' gaps' end || ', first found at ' || substr(first_found, 1, 16)
      || ', last at ' || substr(last_found, 1, 16) || '. ' || good_days || ' of ' || days || ' days were good.'
    when oks = 0 and exempt_reason is not null then 'Exempt: ' || exempt_reason
    when infos = 1 then 'In some runs only the owner of the trail could have mended it.'
    else 'No gap in ' || days || case when days = 1 then ' day, ' else ' days, ' end || good_days || ' of them with a complete run.'
  end as reason,
  account_id,
  region
from
  summary
order by
  account_id,
  resource;
