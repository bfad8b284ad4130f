package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
)

func TestTheNoteNamesTheAccountsThatWereNotRead(t *testing.T) {
	note := func(sql string, accounts int) string {
		var unread []statement.Unread
		for i := range accounts {
			unread = append(unread, statement.Unread{Account: fmt.Sprintf("%012d", i+1), Why: "AccessDeniedException: denied"})
		}
		var b strings.Builder
		noteUnread(&b, sql, unread)
		return b.String()
	}
	const sql, begins = "select 1 from t where name = 'a'", " could not be read in full, and may hold what the query asks for: 000000000001 (AccessDeniedException: denied)"
	assert.Empty(t, note(sql, 0))
	assert.Empty(t, note("select 1 from t", 2), "they show as rows")
	assert.Equal(t, "Note: 1 account"+begins+".\n", note(sql, 1))
	assert.Equal(t, "Note: 3 accounts"+begins+", 000000000002, 000000000003; without a filter they show as rows, with why.\n", note(sql, 3))
	assert.Contains(t, note(sql, 20), ", 000000000019, 000000000020; ")
	assert.Contains(t, note(sql, 21), ", 000000000019, 000000000020 and 1 more; ")

	var b strings.Builder
	noteUnread(&b, sql, []statement.Unread{{Account: "000000000001"}})
	assert.Empty(t, b.String(), "of errors that the connection has ignored nobody wants to hear")
}
