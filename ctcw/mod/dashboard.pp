locals {
  # The rows of the strict control, as a subquery: what the dashboard calls an alarm is what the control does.
  verdicts_sql = trimsuffix(trimspace(
    replace(file("./queries/cis_3_4.sql"), "24 /* max_delivery_age_hours */", var.max_delivery_age_hours)
  ), ";")

  # What keeps a trail from being in order, as a subquery.
  findings_sql = <<-EOQ
    select
      account_id,
      coalesce(account_name, '') as account_name,
      coalesce(region, 'global') as region,
      case
        when name is not null then name
        when delivery_status = 'no_trail' then 'no trail'
        else 'not readable'
      end as trail,
      delivery_status as problem,
      status_reason as cause,
      coalesce(remediation, '') as remediation
    from
      cloudtrail_cloudwatch_status
    where
      delivery_status <> 'delivering'
      and exempt_reason is null
    union all
    select
      account_id,
      coalesce(account_name, '') as account_name,
      log_group_region as region,
      name as trail,
      'short_retention' as problem,
      'Log group ' || log_group_name || ' keeps its events for ' || cast(retention_in_days as text) || ' days.' as cause,
      case
        when log_group_account_id = account_id then
          'test "$(aws sts get-caller-identity --query Account --output text --region ' || log_group_region || ')" = ' || account_id
          || ' && aws logs put-retention-policy --log-group-name=''' || log_group_name
          || ''' --retention-in-days ${var.min_retention_days} --region ' || log_group_region
        else ''
      end as remediation
    from
      cloudtrail_cloudwatch_status
    where
      retention_in_days < ${var.min_retention_days}
      and exempt_reason is null
  EOQ
}

dashboard "cloudtrail_cloudwatch" {
  title         = "CloudTrail to CloudWatch Logs"
  documentation = file("./docs/index.md")

  tags = {
    category = "Compliance"
    service  = "AWS/CloudTrail"
    type     = "Dashboard"
  }

  container {
    # An organization trail shows in every member account, and counts once.
    card {
      width = 2
      sql   = <<-EOQ
        select
          'Trails' as label,
          count(distinct arn) as value
        from
          cloudtrail_cloudwatch_status;
      EOQ
    }

    card {
      width = 2
      sql   = <<-EOQ
        select
          'Delivering' as label,
          count(distinct arn) as value
        from
          cloudtrail_cloudwatch_status
        where
          delivery_status = 'delivering';
      EOQ
    }

    card {
      width = 2
      sql   = <<-EOQ
        select
          'Alarms' as label,
          count(*) as value,
          case when count(*) > 0 then 'alert' else 'ok' end as type
        from
          (${local.verdicts_sql}) as verdicts
        where
          status = 'alarm';
      EOQ
    }

    card {
      width = 2
      sql   = <<-EOQ
        select
          'Not readable' as label,
          count(*) as value,
          case when count(*) > 0 then 'alert' else 'ok' end as type
        from
          (${local.verdicts_sql}) as verdicts
        where
          status = 'error';
      EOQ
    }

    card {
      width = 2
      sql   = <<-EOQ
        select
          'Accounts' as label,
          count(distinct account_id) as value
        from
          cloudtrail_cloudwatch_status;
      EOQ
    }

    card {
      width = 2
      sql   = <<-EOQ
        select
          'Without a trail' as label,
          count(distinct account_id) as value,
          case when count(*) > 0 then 'alert' else 'ok' end as type
        from
          cloudtrail_cloudwatch_status
        where
          delivery_status = 'no_trail';
      EOQ
    }
  }

  container {
    chart {
      title    = "Delivery status, by account and trail"
      type     = "bar"
      width    = 6
      grouping = "stack"
      sql      = <<-EOQ
        select
          replace(delivery_status, '_', ' ') as delivery_status,
          count(case when delivery_status = 'delivering' then 1 else null end) as "delivers",
          count(case when delivery_status = 'degraded' then 1 else null end) as "degraded",
          count(case when delivery_status not in ('delivering', 'degraded', 'unknown') then 1 else null end) as "broken",
          count(case when delivery_status = 'unknown' then 1 else null end) as "unknown"
        from
          cloudtrail_cloudwatch_status
        group by
          delivery_status
        order by
          delivery_status;
      EOQ

      series "delivers" {
        title = "delivers"
        color = "ok"
      }
      series "degraded" {
        title = "delivers with errors"
        color = "orange"
      }
      series "broken" {
        title = "does not deliver"
        color = "alert"
      }
      series "unknown" {
        title = "not known"
        color = "gray"
      }
    }

    chart {
      title = "Retention of the log groups"
      type  = "bar"
      width = 6
      sql   = <<-EOQ
        -- By trail: an organization trail's owner knows what its members do not.
        with trail as (
          select
            arn,
            case
              when max(log_group_arn) is null then 'no log group'
              when max(case when retention_never_expires then 1 else 0 end) = 1 then 'for ever'
              when max(retention_in_days) >= ${var.min_retention_days} then '${var.min_retention_days} days and more'
              when max(retention_in_days) is not null then 'under ${var.min_retention_days} days'
              when max(case when log_group_status = 'not_found' then 1 else 0 end) = 1 then 'log group missing'
              else 'not known'
            end as retention
          from
            cloudtrail_cloudwatch_status
          where
            arn is not null
          group by
            arn
        )
        select
          retention,
          count(*) as trails
        from
          trail
        group by
          retention
        order by
          retention;
      EOQ
    }
  }

  container {
    table {
      title = "What to fix"
      width = 12
      sql   = <<-EOQ
        select
          account_id as "Account",
          account_name as "Name",
          region as "Region",
          trail as "Trail",
          problem as "Problem",
          case when remediation = '' then 'no' else 'yes' end as "Command below"
        from
          (${local.findings_sql}) as finding
        order by
          case when remediation = '' then 1 else 0 end,
          account_id,
          region,
          trail,
          problem;
      EOQ
    }
  }

  container {
    # Powerpipe 1.5.2 cuts what is long in a table's cells, and breaks it into lines in this type only.
    table {
      title = "Why, and the command that mends it (the first 100; ctcw check --fix has all)"
      type  = "line"
      width = 12
      sql   = <<-EOQ
        select
          account_id || case when account_name = '' then '' else ' ' || account_name end || ', ' || region || ', ' || trail || ': ' || problem as "Finding",
          cause as "Cause",
          case when remediation = '' then 'None: see the cause.' else remediation end as "Remediation"
        from
          (${local.findings_sql}) as finding
        order by
          case when remediation = '' then 1 else 0 end,
          account_id,
          region,
          trail,
          problem
        limit 100;
      EOQ

      column "Finding" {
        wrap = "all"
      }
      column "Cause" {
        wrap = "all"
      }
      column "Remediation" {
        wrap = "all"
      }
    }
  }
}
