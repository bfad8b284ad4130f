package check

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

// beside are the columns that a report reads beside those of the controls' SQL. None costs a call that the verdict of
// its table does not make.
var beside = map[string][]string{
	evidence.Table:        append(slices.Clone(free), "delivery_status", "remediation", "log_group_name", "log_group_region", "log_group_account_id"),
	evidence.AlarmTable:   append(slices.Clone(free), "event_class", "alarm_status", "status_reason", "remediation"),
	evidence.ArrivalTable: append(slices.Clone(free), "arrival_status"),
}

// free are the columns that every table has and that cost nothing but the listing of trails.
var free = []string{
	"arn", "partition", "account_id", "account_name", "checked_at", "scan_error", "unscanned_regions", "exempt_reason",
}

// parts returns what to ask the plugin for: the tables that the controls name, the first table first.
func (p *Plan) parts(from Source) []evidence.Part {
	var parts []evidence.Part
	tables := p.Tables()
	for _, table := range tables {
		columns := from.ColumnNames(table)
		wanted := append(p.Columns(table, columns), beside[table]...)
		part := evidence.Part{Table: table, Columns: only(columns, wanted)}
		if table == evidence.Table {
			parts = slices.Insert(parts, 0, part)
		} else {
			parts = append(parts, part)
		}
	}
	// Not every account has a row of arrivals, and a report says of every one whether it was read.
	if !slices.Contains(tables, evidence.Table) && !slices.Contains(tables, evidence.AlarmTable) {
		parts = slices.Insert(parts, 0, evidence.Part{Table: evidence.Table, Columns: only(from.ColumnNames(evidence.Table), free)})
	}
	return parts
}

func only(columns, wanted []string) []string {
	return slices.DeleteFunc(slices.Clone(columns), func(column string) bool { return !slices.Contains(wanted, column) })
}

// facts are what the tables say of a control's rows and of the accounts.
type facts struct {
	rows     map[rowKey]row
	accounts []Account
	alarms   []alarmRow
}

// rowKey finds the row that a control's result is about.
type rowKey struct{ account, resource string }

type row struct {
	accountName, remediation     string
	checkedAt                    time.Time
	logGroupName, logGroupRegion string
	logGroupAccount              string
}

func readFacts(ctx context.Context, db *sql.DB, parts []evidence.Part) (*facts, error) {
	f := &facts{rows: map[rowKey]row{}}
	for _, part := range parts {
		if err := f.read(ctx, db, part.Table); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *facts) read(ctx context.Context, db *sql.DB, table string) error {
	rows, err := db.QueryContext(ctx, "select * from "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values, err := texts(rows, len(columns))
		if err != nil {
			return err
		}
		record := map[string]string{}
		for i, column := range columns {
			record[column] = values[i]
		}
		if err := f.add(table, record); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (f *facts) add(table string, record map[string]string) error {
	resource := record["arn"]
	if resource == "" {
		resource = accountResource(record["partition"], record["account_id"])
	}
	checkedAt, err := parseTime(record["checked_at"])
	if err != nil {
		return fmt.Errorf("checked_at: %w", err)
	}
	r := row{
		accountName: record["account_name"], remediation: record["remediation"], checkedAt: checkedAt.UTC().Truncate(time.Second),
		logGroupName: record["log_group_name"], logGroupRegion: record["log_group_region"],
		logGroupAccount: record["log_group_account_id"],
	}
	if table == evidence.AlarmTable {
		f.alarms = append(f.alarms, newAlarmRow(resource, record))
	}
	if table != evidence.Table {
		r = row{accountName: r.accountName, checkedAt: r.checkedAt}
	}
	if _, ok := f.rows[rowKey{record["account_id"], resource}]; !ok || table == evidence.Table {
		f.rows[rowKey{record["account_id"], resource}] = r
	}
	// A control with one row for each account names the account, whatever trails it has.
	account := rowKey{record["account_id"], accountResource(record["partition"], record["account_id"])}
	if _, ok := f.rows[account]; !ok {
		f.rows[account] = row{accountName: r.accountName, checkedAt: r.checkedAt}
	}
	f.addAccount(record)
	return nil
}

// parseTime reads a time as SQLite's functions write it, or as RFC 3339; nothing is the zero time.
func parseTime(s string) (t time.Time, err error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04:05Z07:00", time.RFC3339} {
		if t, err = time.Parse(layout, s); err == nil {
			break
		}
	}
	return t, err
}

func accountResource(partition, id string) string { return "arn:" + partition + ":::" + id }

func (f *facts) addAccount(record map[string]string) {
	i, found := slices.BinarySearchFunc(f.accounts, record["account_id"], func(a Account, id string) int { return strings.Compare(a.ID, id) })
	if !found {
		f.accounts = slices.Insert(f.accounts, i, Account{ID: record["account_id"], Name: record["account_name"]})
	}
	a := &f.accounts[i]
	closed := record["arn"] == "" && record["exempt_reason"] != ""
	if record["arn"] == "" && unknown(record) && !closed {
		a.Unread = record["scan_error"]
		if a.Unread == "" {
			a.Unread = "no region could be listed" // the connection ignores the error
		}
	}
	var codes map[string]string
	if json.Unmarshal([]byte(record["unscanned_regions"]), &codes) != nil {
		return // null
	}
	for region, code := range codes {
		if code != notSelected {
			if a.Unscanned == nil {
				a.Unscanned = map[string]string{}
			}
			a.Unscanned[region] = code
		} else if j, known := slices.BinarySearch(a.LeftOut, region); !known {
			a.LeftOut = slices.Insert(a.LeftOut, j, region)
		}
	}
}

// unknown reports whether a row without a trail is that of an account which could not be read.
func unknown(record map[string]string) bool {
	return slices.Contains([]string{record["delivery_status"], record["alarm_status"], record["arrival_status"]}, string(delivery.Unknown))
}

// notSelected is the code of a region that the connection leaves out.
const notSelected = "NotSelected"

// complete adds to a result what the table says beside it.
func (f *facts) complete(r *Result, c mod.Control, args []any) {
	row := f.rows[rowKey{r.Dimension("account_id"), r.Resource}]
	r.AccountName, r.CheckedAt = row.accountName, row.checkedAt
	if r.Status != Alarm {
		return // an error is a missing permission, and what is info is somebody else's to mend
	}
	if slices.Contains(c.Tables, evidence.AlarmTable) {
		if a := f.alarm(*r, c); a != nil {
			r.Remediation = a.remediation
		}
		return
	}
	switch c.Name {
	case "log_group_exists":
		r.Remediation = delivery.CreateLogGroup(row.logGroupAccount, row.logGroupName, row.logGroupRegion)
	case "log_group_retention_365":
		days := args[0].(float64) // Query makes arguments of numbers only
		r.Remediation = delivery.KeepLogGroup(row.logGroupAccount, row.logGroupName, row.logGroupRegion, days)
	default:
		r.Remediation = row.remediation
	}
}
