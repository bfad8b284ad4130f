package amount_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
)

func TestOf(t *testing.T) {
	assert.Equal(t, "0 accounts", amount.Of(0, "account"))
	assert.Equal(t, "1 account", amount.Of(1, "account"))
	assert.Equal(t, "3 accounts", amount.Of(3, "account"))
}
