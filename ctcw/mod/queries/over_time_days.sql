/* File of runs only. Every day from the first run to the last has a complete run: what nobody saw is not known to have
   been good. One row for each day. */
with recursive day (date) as (
  select min(date(checked_at)) from ctcw_run
  union all
  select date(date, '+1 day') from day where date < (select max(date(checked_at)) from ctcw_run)
)
select
  'day/' || day.date as resource,
  case
    when max(run.complete) = 1 then 'ok'
    when count(run.run_id) > 0 then 'error'
    else 'alarm'
  end as status,
  case
    when max(run.complete) = 1 then 'Run ' || max(case when run.complete then run.run_id else null end) || ' is complete.'
    when count(run.run_id) > 0 then 'No run of this day is complete. Run ' || max(run.run_id) || ' could not read accounts '
      || max(run.not_readable) || ' and regions ' || max(run.not_scanned) || '.'
    else 'There is no run of this day.'
  end as reason,
  'all' as account_id,
  'global' as region
from
  day
  left join ctcw_run as run on date(run.checked_at) = day.date
group by
  day.date
order by
  day.date;
