package docs

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/spc"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

// columnNames returns a table's columns.
func columnNames(table string) []string {
	var names []string
	for _, c := range tables()[table].Columns {
		names = append(names, c.Name)
	}
	return names
}

func TestEveryTableHasAPage(t *testing.T) {
	assert.ElementsMatch(t, pages(t, "docs/tables/*.md"), tablePages())
}

// TestTheTablePagesListTheColumns compares name, type and description: the pages are what users may rely on.
func TestTheTablePagesListTheColumns(t *testing.T) {
	for name, table := range tables() {
		page := pageOf(name)
		_, section, ok := strings.Cut(read(t, page), "\n## Columns\n")
		require.True(t, ok, page)
		want := "| Column | Type | Description |\n|---|---|---|\n"
		for _, c := range table.Columns {
			want += fmt.Sprintf("| `%s` | %s | %s |\n", c.Name, typeName[c.Type], c.Description)
		}
		section = strings.TrimLeft(section, "\n")
		if rewrite(t, page, section, want); !*update {
			assert.Equal(t, want, section, page)
		}
	}
}

// TestThePagesNameTheColumnsThatSteampipeAdds: select * shows them, and nobody knows where they come from.
func TestThePagesNameTheColumnsThatSteampipeAdds(t *testing.T) {
	for name := range tables() {
		own := columnNames(name)
		added := slices.DeleteFunc(startDemo(t).engine.ColumnNames(name), func(column string) bool { return slices.Contains(own, column) })
		assert.Len(t, added, 3, name)
		for _, page := range []string{pageOf(name), indexPage} {
			for _, column := range added {
				assert.Contains(t, read(t, page), "`"+column+"`", page)
			}
		}
	}
}

var typeName = map[proto.ColumnType]string{
	proto.ColumnType_BOOL: "boolean", proto.ColumnType_INT: "bigint", proto.ColumnType_DOUBLE: "double precision", proto.ColumnType_STRING: "text",
	proto.ColumnType_JSON: "jsonb", proto.ColumnType_TIMESTAMP: "timestamp with time zone",
}

func TestThePagesListEveryDeliveryStatusInOrder(t *testing.T) {
	for _, page := range []string{pageOf(table), "README.md"} {
		assert.Equal(t, names(delivery.Statuses), listed(t, page, "delivery_status"), page)
	}
}

func TestThePageListsEveryAlarmStatusInOrder(t *testing.T) {
	page := pageOf("cloudtrail_cloudwatch_alarm_status")
	assert.Equal(t, names(alarm.Statuses), listed(t, page, "alarm_status"), page)
}

func names[S ~string](statuses []S) []string {
	var all []string
	for _, s := range statuses {
		all = append(all, string(s))
	}
	return all
}

// listed are the values in a page's table of when a column has which.
func listed(t *testing.T, page, column string) []string {
	_, rest, ok := strings.Cut(strings.ToLower(read(t, page)), "\n| "+column+" | when |\n")
	require.True(t, ok, page)
	var got []string
	for _, line := range strings.Split(rest, "\n")[1:] {
		m := regexp.MustCompile("^\\| `(\\w+)` \\| .").FindStringSubmatch(line)
		if m == nil {
			break
		}
		got = append(got, m[1])
	}
	return got
}

// arguments returns those of a connection, from the struct that the SDK decodes them into.
func arguments() []string {
	var names []string
	config := reflect.TypeOf(ctcw.Plugin(context.Background()).ConnectionConfigSchema.NewInstance()).Elem()
	for i := range config.NumField() {
		name, _, _ := strings.Cut(config.Field(i).Tag.Get("hcl"), ",")
		names = append(names, name)
	}
	return names
}

func TestTheConnectionFileHasEveryArgument(t *testing.T) {
	file := read(t, "config/ctcw.spc")
	var named []string
	for _, m := range regexp.MustCompile(`(?m)^  #?(\w+) *=`).FindAllStringSubmatch(file, -1) {
		if m[1] != "plugin" {
			named = append(named, m[1])
		}
	}
	slices.Sort(named)
	assert.ElementsMatch(t, arguments(), slices.Compact(named))
}

func TestTheIndexPageShowsTheConnectionFile(t *testing.T) {
	var shown []string
	for _, b := range language(blocks(read(t, indexPage)), "hcl") {
		if b.heading == "Configuration" {
			shown = append(shown, b.text)
		}
	}
	require.Len(t, shown, 1)
	file := read(t, "config/ctcw.spc")
	if rewrite(t, indexPage, shown[0], file); !*update {
		assert.Equal(t, file, shown[0])
	}
}

// accept has the plugin take the connections of a .spc file, as Steampipe does.
func (d *demo) accept(t *testing.T, name, source string) {
	t.Helper()
	connections, err := spc.Parse([]byte(source), name)
	require.NoError(t, err)
	request, undo := &proto.UpdateConnectionConfigsRequest{}, &proto.UpdateConnectionConfigsRequest{}
	for _, c := range connections {
		config := &proto.ConnectionConfig{Connection: "taken_" + c.Name, Config: c.Config()}
		for _, child := range c.Children {
			config.Type, config.ChildConnections = "aggregator", append(config.ChildConnections, "taken_"+child)
		}
		request.Added, undo.Deleted = append(request.Added, config), append(undo.Deleted, config)
	}
	assert.NoError(t, d.take(request), name)
	require.NoError(t, d.take(undo))
}

// take hands connections to the plugin. The SDK's response does not say which of them it refused, but one that it
// refused has no schema.
func (d *demo) take(request *proto.UpdateConnectionConfigsRequest) error {
	_, err := d.plugin.UpdateConnectionConfigs(request)
	for _, c := range slices.Concat(request.Added, request.Changed) {
		if err == nil {
			_, err = d.plugin.GetSchema(&proto.GetSchemaRequest{Connection: c.Connection})
		}
	}
	return err
}

func TestThePluginTakesTheConnectionFile(t *testing.T) {
	d := startDemo(t)
	file := read(t, "config/ctcw.spc")
	d.accept(t, "as it is", file)

	// Comments have a blank after the #, what is to be opened has none; but for the lines of a map.
	opened := regexp.MustCompile(`(?m)^  #(\w|  "|})`).ReplaceAllString(file, "  $1")
	first := regexp.MustCompile(`^  (\w+) *=`)
	for _, last := range []bool{false, true} { // of the alternatives for one argument
		lines := strings.Split(opened, "\n")
		if last {
			slices.Reverse(lines)
		}
		seen := map[string]bool{}
		lines = slices.DeleteFunc(lines, func(line string) bool {
			m := first.FindStringSubmatch(line)
			again := m != nil && seen[m[1]]
			if m != nil {
				seen[m[1]] = true
			}
			return again
		})
		if last {
			slices.Reverse(lines)
		}
		for _, name := range arguments() {
			assert.True(t, seen[name], "%s was not opened", name)
		}
		d.accept(t, fmt.Sprintf("opened, last alternatives %t", last), strings.Join(lines, "\n"))
	}

	t.Run("and refuses what it does not know", func(t *testing.T) {
		assert.Error(t, d.take(&proto.UpdateConnectionConfigsRequest{
			Added: []*proto.ConnectionConfig{{Connection: "bad", Config: "region = \"eu-west-1\"\n"}}}))
	})
}

func TestThePluginTakesEveryConnectionOfThePages(t *testing.T) {
	d := startDemo(t)
	count := 0
	for _, page := range pages(t, everyPage...) {
		for _, b := range language(blocks(read(t, page)), "hcl") {
			if strings.Contains(b.text, "connection \"") {
				count++
				d.accept(t, fmt.Sprintf("%s line %d", page, b.line), b.text)
			}
		}
	}
	assert.Greater(t, count, 3)
}
