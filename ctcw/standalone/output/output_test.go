package output_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// rows is a result made by hand.
type rows struct {
	columns []engine.Column
	values  [][]any
	at      int
	err     error
}

func (r *rows) Columns() []engine.Column { return r.columns }
func (r *rows) Next() bool               { r.at++; return r.at <= len(r.values) }
func (r *rows) Values() []any            { return r.values[r.at-1] }
func (r *rows) Err() error               { return r.err }

func result() *rows {
	return &rows{
		columns: []engine.Column{
			{Name: "name", Type: proto.ColumnType_STRING}, {Name: "is_logging", Type: proto.ColumnType_BOOL},
			{Name: "days", Type: proto.ColumnType_INT}, {Name: "age", Type: proto.ColumnType_DOUBLE},
			{Name: "at", Type: proto.ColumnType_TIMESTAMP}, {Name: "tags", Type: proto.ColumnType_JSON},
		},
		values: [][]any{
			{"a, \"b\"\nzürich 東京 <&>", true, int64(9007199254740993), 0.25, time.Date(2026, 11, 21, 2, 40, 9, 0, time.UTC), json.RawMessage(`{"k":[1,"x"]}`)},
			{nil, nil, nil, nil, nil, nil},
		},
	}
}

func write(t *testing.T, o output.Options) string {
	t.Helper()
	var b bytes.Buffer
	n, err := output.Write(&b, result(), o)
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	return b.String()
}

func TestCSV(t *testing.T) {
	got := write(t, output.Options{Format: output.CSV, Header: true})
	assert.Equal(t, "name,is_logging,days,age,at,tags\n"+
		"\"a, \"\"b\"\"\nzürich 東京 <&>\",true,9007199254740993,0.25,2026-11-21T02:40:09Z,\"{\"\"k\"\":[1,\"\"x\"\"]}\"\n,,,,,\n", got)
	records, err := csv.NewReader(bytes.NewBufferString(got)).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, "a, \"b\"\nzürich 東京 <&>", records[1][0], "what goes in comes out")

	assert.Contains(t, write(t, output.Options{Format: output.CSV, CSV: output.CSVOptions{Separator: ';'}}), ";true;9007199254740993;0.25;")
	assert.NotContains(t, write(t, output.Options{Format: output.CSV}), "is_logging")
}

// TestANullAloneIsARow: a blank line is none to the readers of Go, Python's csv.DictReader and pandas.
func TestANullAloneIsARow(t *testing.T) {
	r := &rows{columns: []engine.Column{{Name: "name", Type: proto.ColumnType_STRING}}, values: [][]any{{"a"}, {nil}, {""}, {"b"}}}
	var b bytes.Buffer
	_, err := output.Write(&b, r, output.Options{Format: output.CSV, Header: true})
	require.NoError(t, err)
	assert.Equal(t, "name\na\n\"\"\n\"\"\nb\n", b.String())
	records, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"name"}, {"a"}, {""}, {""}, {"b"}}, records)
}

func TestWhatASpreadsheetWouldRunIsEscaped(t *testing.T) {
	csvOf := func(escape bool, values ...any) string {
		r := &rows{values: [][]any{values}}
		for range values {
			r.columns = append(r.columns, engine.Column{Name: "=name", Type: proto.ColumnType_STRING})
		}
		var b bytes.Buffer
		_, err := output.Write(&b, r, output.Options{Format: output.CSV, Header: len(values) == 1, CSV: output.CSVOptions{EscapeFormulas: escape}})
		require.NoError(t, err)
		return b.String()
	}
	hostile := []any{`=cmd|' /C calc'!A0`, "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"}
	records, err := csv.NewReader(bytes.NewBufferString(csvOf(true, hostile...))).ReadAll()
	require.NoError(t, err)
	for i, cell := range records[0] {
		assert.Equal(t, "'"+hostile[i].(string), cell)
	}
	assert.Equal(t, "'=name\n'=1\n", csvOf(true, "=1"), "a name of a column comes from the SQL")
	const harmless = "a=1,,-5,-0.25,true,'x,{}\n"
	assert.Equal(t, harmless, csvOf(true, "a=1", nil, int64(-5), -.25, true, "'x", json.RawMessage("{}")), "numbers stay numbers")
	assert.Equal(t, "=1,-2\n", csvOf(false, "=1", "-2"), "not unless it is asked for")
}

func TestJSON(t *testing.T) {
	assert.Equal(t, `{
 "columns": [
  {
   "name": "name",
   "data_type": "text"
  },
  {
   "name": "is_logging",
   "data_type": "bool"
  },
  {
   "name": "days",
   "data_type": "int8"
  },
  {
   "name": "age",
   "data_type": "float8"
  },
  {
   "name": "at",
   "data_type": "timestamptz"
  },
  {
   "name": "tags",
   "data_type": "jsonb"
  }
 ],
 "rows": [
  {
   "name": "a, \"b\"\nzürich 東京 <&>",
   "is_logging": true,
   "days": 9007199254740993,
   "age": 0.25,
   "at": "2026-11-21T02:40:09Z",
   "tags": {
    "k": [
     1,
     "x"
    ]
   }
  },
  {
   "name": null,
   "is_logging": null,
   "days": null,
   "age": null,
   "at": null,
   "tags": null
  }
 ]
}
`, write(t, output.Options{Format: output.JSON}))
}

func TestJSONL(t *testing.T) {
	assert.Equal(t, `{"name":"a, \"b\"\nzürich 東京 <&>","is_logging":true,"days":9007199254740993,"age":0.25,"at":"2026-11-21T02:40:09Z","tags":{"k":[1,"x"]}}
{"name":null,"is_logging":null,"days":null,"age":null,"at":null,"tags":null}
`, write(t, output.Options{Format: output.JSONL}))
}

func TestColumnsOfOneNameAreBothInJSON(t *testing.T) {
	r := result()
	r.columns[2].Name = "name"
	r.values = r.values[1:]
	var b bytes.Buffer
	_, err := output.Write(&b, r, output.Options{Format: output.JSONL})
	require.NoError(t, err)
	assert.Equal(t, `{"name":null,"is_logging":null,"name_2":null,"age":null,"at":null,"tags":null}`+"\n", b.String())
}

func TestNamesInJSONAreUnique(t *testing.T) {
	for _, c := range []struct{ given, want string }{
		{"a a a", "a a_2 a_3"},
		{"a a a_2", "a a_3 a_2"},
		{"a_2 a a a", "a_2 a a_3 a_4"},
		{"a a_2 a_2 a", "a a_2 a_2_2 a_3"},
	} {
		r := &rows{}
		for i, name := range strings.Fields(c.given) {
			r.columns = append(r.columns, engine.Column{Name: name, Type: proto.ColumnType_INT})
			r.values = [][]any{append(slices.Concat(r.values...), int64(i))}
		}
		var b bytes.Buffer
		_, err := output.Write(&b, r, output.Options{Format: output.JSON})
		require.NoError(t, err)
		var got struct {
			Columns []struct {
				Name         string
				OriginalName string `json:"original_name"`
			}
			Rows []map[string]int
		}
		require.NoError(t, json.Unmarshal(b.Bytes(), &got))
		for i, name := range strings.Fields(c.want) {
			assert.Equal(t, name, got.Columns[i].Name, c.given)
			assert.Equal(t, i, got.Rows[0][name], c.given)
			original := strings.Fields(c.given)[i]
			if original == name {
				original = ""
			}
			assert.Equal(t, original, got.Columns[i].OriginalName, c.given)
		}
		assert.Len(t, got.Rows[0], len(r.columns), c.given)
	}
}

func TestLine(t *testing.T) {
	assert.Equal(t, `-[ RECORD 1 ]------------------------------------------------------------
name       | a, "b"
           | zürich 東京 <&>
is_logging | true
days       | 9007199254740993
age        | 0.25
at         | 2026-11-21T02:40:09Z
tags       | {"k":[1,"x"]}
-[ RECORD 2 ]------------------------------------------------------------
name       | <null>
is_logging | <null>
days       | <null>
age        | <null>
at         | <null>
tags       | <null>
`, write(t, output.Options{Format: output.Line}))
}

func TestTable(t *testing.T) {
	assert.Equal(t, `+-----------------+------------+------------------+--------+----------------------+---------------+
| name            | is_logging | days             | age    | at                   | tags          |
+-----------------+------------+------------------+--------+----------------------+---------------+
| a, "b"          | true       | 9007199254740993 | 0.25   | 2026-11-21T02:40:09Z | {"k":[1,"x"]} |
| zürich 東京 <&> |            |                  |        |                      |               |
| <null>          | <null>     | <null>           | <null> | <null>               | <null>        |
+-----------------+------------+------------------+--------+----------------------+---------------+
`, write(t, output.Options{Format: output.Table, Header: true}))
	for _, line := range bytes.Split([]byte(write(t, output.Options{Format: output.Table, Header: true, Width: 90})), []byte("\n")) {
		assert.LessOrEqual(t, len([]rune(string(line))), 90, "wrapped to the terminal: %s", line)
	}
}

func TestAnEmptyResultHasItsHeader(t *testing.T) {
	for format, want := range map[output.Format]string{
		output.CSV: "name,is_logging,days,age,at,tags\n", output.JSONL: "", output.Line: "",
		output.Table: "+------+------------+------+-----+----+------+\n| name | is_logging | days | age | at | tags |\n+------+------------+------+-----+----+------+\n+------+------------+------+-----+----+------+\n",
	} {
		empty := result()
		empty.values = nil
		var b bytes.Buffer
		_, err := output.Write(&b, empty, output.Options{Format: format, Header: true})
		require.NoError(t, err)
		assert.Equal(t, want, b.String(), format)
	}
}

func TestWhatSteersATerminalDoesNotReachIt(t *testing.T) {
	const hostile = "a\x1b[31m\x1b]0;title\x07\r\u009b2J\x9b\u202egnp.\u2066\u200f\u061c\ufeff\u2028\U000e0041\u00ad|\u0645\u06cc\u200c|👩\u200d💻"
	const harmless = "a�[31m�]0;title���2J��gnp.�������|\u0645\u06cc\u200c|👩\u200d💻"
	for _, format := range []output.Format{output.Table, output.Line, output.CSV, output.JSON, output.JSONL} {
		r := &rows{columns: []engine.Column{{Name: hostile, Type: proto.ColumnType_STRING}}, values: [][]any{{hostile}}}
		var b bytes.Buffer
		_, err := output.Write(&b, r, output.Options{Format: format, Header: true})
		require.NoError(t, err)
		switch format {
		case output.Table, output.Line:
			assert.Equal(t, 2, bytes.Count(b.Bytes(), []byte(harmless)), "%s: %q", format, b.String())
		case output.CSV:
			records, err := csv.NewReader(&b).ReadAll()
			require.NoError(t, err)
			assert.Equal(t, [][]string{{hostile}, {hostile}}, records, "a file gets what there is")
		default:
			assert.Contains(t, b.String(), `\u001b[31m`, format)
		}
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestErrorsAreReturned(t *testing.T) {
	for _, format := range []output.Format{output.Table, output.CSV, output.JSON, output.JSONL, output.Line} {
		_, err := output.Write(fullDisk{}, result(), output.Options{Format: format, Header: true})
		assert.ErrorIs(t, err, errFull, "%s, writing", format)
		failed := result()
		failed.err = errors.New("lost")
		_, err = output.Write(&bytes.Buffer{}, failed, output.Options{Format: format})
		assert.EqualError(t, err, "lost", "%s, reading", format)
	}
	_, err := output.ParseFormat("xml")
	assert.EqualError(t, err, `--output "xml" is not a format: use table, csv, json, jsonl or line`)
}

var update = flag.Bool("update", false, "write the golden files")

// TestATableAtEveryWidth: between words where there is room, and a value a line where there is none.
func TestATableAtEveryWidth(t *testing.T) {
	column := func(name string) engine.Column { return engine.Column{Name: name, Type: proto.ColumnType_STRING} }
	r := func() *rows {
		return &rows{columns: []engine.Column{column("account_id"), column("name"), column("delivery_status"), column("status_reason"), column("remediation")}, values: [][]any{
			{"777788889999", "storefront-audit", "never_delivered", "CloudTrail never delivered to the log group (reported error: AccessDenied); delivery to S3 goes on, last at 2026-11-21T17:29:29Z.",
				"aws cloudtrail update-trail --name arn:aws:cloudtrail:us-east-1:777788889999:trail/storefront-audit --region us-east-1"},
			{"191919191919", nil, "no_trail", "東京 zürich", nil},
		}}
	}
	for _, width := range []int{60, 80, 120, 200} {
		var b bytes.Buffer
		_, err := output.Write(&b, r(), output.Options{Format: output.Table, Header: true, Width: width})
		require.NoError(t, err)
		for line := range strings.SplitSeq(b.String(), "\n") {
			assert.LessOrEqual(t, text.StringWidthWithoutEscSequences(line), width, "%d: %s", width, line)
		}
		file := filepath.Join("testdata", fmt.Sprintf("table-%d.txt", width))
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), b.String(), "%s: go test ./ctcw/standalone/output -update writes it", file)
	}
}
