# Apart from the others: this asks ctcw_run and cloudtrail_cloudwatch_status_history, which only a file of
# "snapshot --append" has. powerpipe benchmark run ctcw.benchmark.over_time --database sqlite://evidence.db

query "over_time_days" {
  title = "Every day has a complete run"
  sql   = file("./queries/over_time_days.sql")
}

query "over_time_delivery" {
  title = "Trails delivered in every run"
  sql   = replace(file("./queries/over_time_delivery.sql"), "24 /* max_delivery_age_hours */", "$1")

  param "max_delivery_age_hours" {
    default = var.max_delivery_age_hours
  }
}

query "over_time_changes" {
  title = "What changed since the run before"
  sql   = file("./queries/over_time_changes.sql")
}

benchmark "over_time" {
  title         = "CloudTrail to CloudWatch Logs over time"
  description   = "Was it so on every day? Days with a complete run, the gaps of each trail, and what changed last. It runs on a file of snapshot --append only."
  documentation = file("./docs/over_time.md")

  children = [
    control.over_time_days,
    control.over_time_delivery,
    control.over_time_changes,
  ]

  tags = merge(local.common_tags, {
    type = "Benchmark"
  })
}

control "over_time_days" {
  title         = "Every day should have a complete run"
  description   = "Checks, for each day from the first run to the last, that a run could read every account and region. Of other days nobody knows."
  severity      = "medium"
  query         = query.over_time_days
  documentation = file("./docs/over_time.md")
  tags          = local.common_tags
}

control "over_time_delivery" {
  title         = "Trails should have delivered to CloudWatch Logs in every run"
  description   = "Checks, for each trail, every run that saw it by the strict rule of CIS 3.4, and counts good days and gaps."
  severity      = "medium"
  query         = query.over_time_delivery
  documentation = file("./docs/over_time.md")
  tags          = local.common_tags
}

control "over_time_changes" {
  title         = "No trail should have got worse since the run before"
  description   = "Compares the delivery status of the last run with that of the one before: what got worse, was mended, is new or is gone."
  severity      = "medium"
  query         = query.over_time_changes
  documentation = file("./docs/over_time.md")
  tags          = local.common_tags
}

dashboard "over_time" {
  title         = "CloudTrail to CloudWatch Logs over time"
  documentation = file("./docs/over_time.md")

  tags = {
    category = "Compliance"
    service  = "AWS/CloudTrail"
    type     = "Dashboard"
  }

  container {
    card {
      width = 3
      sql   = <<-EOQ
        select
          'Runs' as label,
          count(*) as value
        from
          ctcw_run;
      EOQ
    }

    card {
      width = 3
      sql   = <<-EOQ
        select
          'Not complete' as label,
          count(*) as value,
          case when count(*) > 0 then 'alert' else 'ok' end as type
        from
          ctcw_run
        where
          not complete;
      EOQ
    }

    card {
      width = 3
      sql   = <<-EOQ
        select
          'Days without a complete run' as label,
          count(*) as value,
          case when count(*) > 0 then 'alert' else 'ok' end as type
        from
          (${trimsuffix(trimspace(file("./queries/over_time_days.sql")), ";")}) as days
        where
          status <> 'ok';
      EOQ
    }

    card {
      width = 3
      sql   = <<-EOQ
        select
          'Trails and accounts with a gap' as label,
          count(*) as value,
          case when count(*) > 0 then 'alert' else 'ok' end as type
        from
          (${local.over_time_delivery_sql}) as verdicts
        where
          status in ('alarm', 'error');
      EOQ
    }
  }

  chart {
    title = "Trails and accounts by delivery status, run by run"
    type  = "column"
    width = 12
    sql   = <<-EOQ
      select
        substr(run.checked_at, 1, 10) || ' #' || run.run_id as run,
        count(case when delivery_status in ('delivering', 'degraded') then 1 else null end) as "Delivering",
        count(case when delivery_status not in ('delivering', 'degraded', 'unknown') then 1 else null end) as "Not delivering",
        count(case when delivery_status = 'unknown' then 1 else null end) as "Not known"
      from
        ctcw_run as run
        join cloudtrail_cloudwatch_status_history as history on history.run_id = run.run_id
      group by
        run.run_id
      order by
        run.run_id;
    EOQ

    grouping = "stack"

    series "Delivering" {
      color = "ok"
    }
    series "Not delivering" {
      color = "alert"
    }
    series "Not known" {
      color = "gray"
    }
  }

  # Powerpipe 1.5.2 cuts what is long in a table's cells, and breaks it into lines in this type only.
  table {
    title = "Gaps (the first 100; ctcw report has all)"
    type  = "line"
    width = 6
    sql   = <<-EOQ
      with gap as (
        select
          account_id,
          resource,
          status || ': ' || reason as reason
        from
          (${local.over_time_delivery_sql}) as verdicts
        where
          status in ('alarm', 'error')
        union all
        -- A table of this type is an empty panel where it has no row.
        select
          '',
          'None',
          'No trail and no account had a gap.'
        where
          not exists (select 1 from (${local.over_time_delivery_sql}) as verdicts where status in ('alarm', 'error'))
      )
      select
        resource as "Trail or account",
        reason as "What was found"
      from
        gap
      order by
        account_id,
        resource
      limit 100;
    EOQ

    column "Trail or account" {
      wrap = "all"
    }
    column "What was found" {
      wrap = "all"
    }
  }

  table {
    title = "What changed (first 100; ctcw diff has all)"
    type  = "line"
    width = 6
    sql   = <<-EOQ
      with change as (
        select
          account_id,
          resource,
          status || ': ' || reason as reason
        from
          (${local.over_time_changes_sql}) as changes
        where
          status <> 'skip'
          and reason not like 'Still %'
        union all
        select
          '',
          'None',
          case
            when (select count(*) from ctcw_run) > 1 then 'Each is as it was in the run before.'
            else 'There is one run, and none before it.'
          end
        where
          not exists (select 1 from (${local.over_time_changes_sql}) as changes where status <> 'skip' and reason not like 'Still %')
      )
      select
        resource as "Trail or account",
        reason as "What changed"
      from
        change
      order by
        account_id,
        resource
      limit 100;
    EOQ

    column "Trail or account" {
      wrap = "all"
    }
    column "What changed" {
      wrap = "all"
    }
  }

  table {
    title = "Runs"
    width = 12
    sql   = <<-EOQ
      select
        run_id as "Run",
        substr(checked_at, 1, 16) as "Checked at",
        case when complete then 'yes' else 'no' end as "Complete",
        accounts as "Accounts",
        (select count(*) from json_each(not_readable)) as "Not readable",
        version as "Version",
        hash as "Hash"
      from
        ctcw_run
      order by
        run_id desc;
    EOQ
  }
}

locals {
  # The rows of the controls, as subqueries.
  over_time_changes_sql = trimsuffix(trimspace(file("./queries/over_time_changes.sql")), ";")
  over_time_delivery_sql = trimsuffix(trimspace(
    replace(file("./queries/over_time_delivery.sql"), "24 /* max_delivery_age_hours */", var.max_delivery_age_hours)
  ), ";")
}
