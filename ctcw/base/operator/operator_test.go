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

func (p *person) Ask(question string) (string, error) { return "answer to " + question, nil }

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

func TestAsk(t *testing.T) {
	answer, err := operator.From(operator.With(context.Background(), &person{})).Ask("q")
	assert.NoError(t, err)
	assert.Equal(t, "answer to q", answer)
	_, err = operator.From(context.Background()).Ask("q")
	assert.ErrorIs(t, err, operator.ErrNobody)
}
