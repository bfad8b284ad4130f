package page_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/page"
)

func TestEveryPageIsAskedForOnce(t *testing.T) {
	for name, c := range map[string]struct {
		next  func(page int) (string, error) // than this one, from 1 on
		pages int
		err   string
	}{
		"one":                 {func(int) (string, error) { return "", nil }, 1, ""},
		"three":               {func(n int) (string, error) { return []string{"a", "b", ""}[n-1], nil }, 3, ""},
		"a token again":       {func(int) (string, error) { return "a", nil }, 2, "List returned the same NextToken twice"},
		"no end":              {func(n int) (string, error) { return strconv.Itoa(n), nil }, 10_000, "List does not end"},
		"a page that fails":   {func(n int) (string, error) { return "a", errors.New("no") }, 1, "no"},
		"a second that fails": {func(n int) (string, error) { return "a", []error{nil, errors.New("no")}[n-1] }, 2, "no"},
	} {
		t.Run(name, func(t *testing.T) {
			pages, last := 0, ""
			err := page.Each("List", func(token *string) (*string, error) {
				if pages++; pages == 1 {
					assert.Nil(t, token)
				} else {
					assert.Equal(t, last, *token)
				}
				next, err := c.next(pages)
				last = next
				return &next, err
			})
			assert.Equal(t, c.pages, pages)
			if c.err == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, c.err)
			}
		})
	}
}

func TestThereIsNoNextPageWithoutAToken(t *testing.T) {
	pages := 0
	assert.NoError(t, page.Each("List", func(*string) (*string, error) { pages++; return nil, nil }))
	assert.Equal(t, 1, pages)
}
