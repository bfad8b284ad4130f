package engine

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPluginError(t *testing.T) {
	for name, c := range map[string]struct{ said, connection, want string }{
		"one connection":        {"rpc error: code = Internal desc = aws: no credentials", "aws", "no credentials"},
		"the plugin names it":   {`a: connection "a": no credentials`, "all", `connection "a": no credentials`},
		"several, in any order": {"\nb: connection \"b\": no profile\n\na: connection \"a\": no credentials", "all", `connection "a": no credentials; connection "b": no profile`},
		"several, not named":    {"b: x\na: y", "all", "a: y; b: x"},
		"several lines":         {"aws: cannot read\n\tthis and\n that", "aws", "cannot read this and that"},
		"another connection":    {"other: no credentials", "aws", "other: no credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.EqualError(t, pluginError(errors.New(c.said), c.connection), c.want)
		})
	}
}
