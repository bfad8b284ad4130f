package ctcw

import (
	"context"
	"reflect"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin/transform"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/scan"
)

// columns makes columns of a table from items of type T: what a hydrate returns, or the rows that list streams
// where there is none. A column is one line: name, where its value comes from, description. Zero values are null.
type columns[T any] struct{ hydrate plugin.HydrateFunc }

func (c columns[T]) text(name string, value func(T) string, description string) *plugin.Column {
	return column(c, proto.ColumnType_STRING, name, value, description)
}

func (c columns[T]) boolean(name string, value func(T) *bool, description string) *plugin.Column {
	return column(c, proto.ColumnType_BOOL, name, value, description)
}

func (c columns[T]) integer(name string, value func(T) *int64, description string) *plugin.Column {
	return column(c, proto.ColumnType_INT, name, value, description)
}

func (c columns[T]) double(name string, value func(T) *float64, description string) *plugin.Column {
	return column(c, proto.ColumnType_DOUBLE, name, value, description)
}

func (c columns[T]) timestamp(name string, value func(T) *time.Time, description string) *plugin.Column {
	return column(c, proto.ColumnType_TIMESTAMP, name, value, description)
}

// json makes a column of maps and slices: a nil one is null, an empty one is not.
func (c columns[T]) json(name string, value func(T) any, description string) *plugin.Column {
	return column(c, proto.ColumnType_JSON, name, value, description)
}

func column[T, V any](c columns[T], kind proto.ColumnType, name string, value func(T) V, description string) *plugin.Column {
	return &plugin.Column{
		Name:        name,
		Type:        kind,
		Description: description,
		Hydrate:     c.hydrate,
		Transform: transform.From(func(_ context.Context, d *transform.TransformData) (any, error) {
			item, ok := d.HydrateItem.(T)
			if !ok {
				return nil, nil
			}
			return nullable(value(item)), nil
		}),
	}
}

// nullable returns nil for "" and for nil of any kind, and what a pointer points to.
func nullable(value any) any {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return v.Elem().Interface()
	case reflect.Map, reflect.Slice:
		if v.IsNil() {
			return nil
		}
	case reflect.String:
		if v.Len() == 0 {
			return nil
		}
	}
	return value
}

// trailRow is a row about a trail, or about an account: a [scan.Row], or what embeds one.
type trailRow interface{ Base() *scan.Row }

// of makes a column's value from the part of a row that all tables of trails share.
func of[T trailRow, V any](value func(*scan.Row) V) func(T) V {
	return func(row T) V { return value(row.Base()) }
}

// trailColumns name a trail.
func trailColumns[T trailRow]() []*plugin.Column {
	c := columns[T]{}
	return []*plugin.Column{
		c.text("arn", of[T](func(r *scan.Row) string { return r.Trail.ARN }), "The ARN of the trail. Null in a row about the account itself: one without a visible trail, or one that could not be read."),
		c.text("name", of[T](func(r *scan.Row) string { return r.Trail.Name }), "The name of the trail."),
		c.text("home_region", of[T](func(r *scan.Row) string { return r.Trail.HomeRegion }), "The region in which the trail was created."),
		c.text("trail_account_id", of[T](func(r *scan.Row) string { return r.Trail.OwnerAccountID }), "The account in the trail's ARN. An organization trail is owned by another account than the one asked."),
	}
}

// logGroupColumns name a trail's log group.
func logGroupColumns[T trailRow]() []*plugin.Column {
	c := columns[T]{}
	return []*plugin.Column{
		c.text("log_group_arn", of[T](func(r *scan.Row) string { return r.Trail.LogGroupARN }), "The ARN of the CloudWatch Logs log group that the trail delivers to, as AWS returns it (it ends in :*). Null when none is configured."),
		c.text("log_group_name", of[T](func(r *scan.Row) string { return r.LogGroup.Name }), "The name in log_group_arn."),
		c.text("log_group_region", of[T](func(r *scan.Row) string { return r.LogGroup.Region }), "The region in log_group_arn."),
		c.text("log_group_account_id", of[T](func(r *scan.Row) string { return r.LogGroup.AccountID }), "The account in log_group_arn."),
	}
}

// unreadColumns say what could not be read.
func unreadColumns[T trailRow]() []*plugin.Column {
	c := columns[T]{}
	return []*plugin.Column{
		c.json("unscanned_regions", of[T](func(r *scan.Row) any { return r.Unscanned }), "The enabled regions of the account that were not listed, each with its error code; NotSelected where the connection argument regions leaves it out, and any-newer-region where the account may not list its regions, so that those which this program knows were scanned. Null when all that this query asked were."),
		c.text("scan_error", of[T](func(r *scan.Row) string { return r.ScanError }), "The error of DescribeTrails, code and message, when a region could not be listed."),
	}
}

func accountName[T trailRow]() *plugin.Column {
	return columns[T]{}.text("account_name", of[T](func(r *scan.Row) string { return r.Account.Name }), "The name of the account in AWS Organizations. Null where the connection does not list it.")
}

func checkedAt[T trailRow]() *plugin.Column {
	return columns[T]{}.timestamp("checked_at", of[T](func(r *scan.Row) *time.Time { return &r.CheckedAt }), "When AWS was asked.")
}

// standardColumns are those that the tables of every plugin for AWS have.
func standardColumns[T trailRow]() []*plugin.Column {
	c := columns[T]{}
	return []*plugin.Column{
		c.text("title", of[T]((*scan.Row).Title), "The name of the trail, or the account in a row about the account itself."),
		c.json("akas", of[T](func(r *scan.Row) any { return r.Akas() }), "The ARN of the trail, or of the account in a row about the account itself."),
		c.text("partition", of[T](func(r *scan.Row) string { return r.Partition }), "The AWS partition: aws, aws-cn, aws-us-gov."),
		c.text("region", of[T](func(r *scan.Row) string { return r.Region }), "The home region of the trail."),
		c.text("account_id", of[T](func(r *scan.Row) string { return r.ID }), "The account that was asked."),
	}
}
