package operator_test

import (
	"bytes"
	"context"
	"log"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/operator"
)

type person struct{ told []string }

func (p *person) Warn(text string) { p.told = append(p.told, text) }

func TestWarn(t *testing.T) {
	p := &person{}
	operator.From(operator.With(context.Background(), p)).Warn("careful")
	assert.Equal(t, []string{"careful"}, p.told)

	var out bytes.Buffer
	defer log.SetOutput(log.Writer())
	log.SetOutput(&out)
	operator.From(context.Background()).Warn("careful")
	assert.Contains(t, out.String(), "[WARN] careful\n")
}
