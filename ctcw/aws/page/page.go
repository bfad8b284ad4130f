// Package page reads answers that come in pages.
package page

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// most bounds the pages of one answer.
const most = 10_000

// Each asks for one page after the other until ask returns no token for the next. The error is its own, or that of
// [Follow].
func Each(operation string, ask func(token *string) (next *string, err error)) error {
	var token *string
	for n := 1; ; n++ {
		next, err := ask(token)
		if err != nil {
			return err
		}
		if err := Follow(operation, n, aws.ToString(token), aws.ToString(next)); err != nil {
			return err
		}
		if aws.ToString(next) == "" {
			return nil
		}
		token = next
	}
}

// Follow says why a token that the n-th page gives for the next, "" for none, must not be followed: it came with the page
// before, or there is no end. To stop there without an error would leave out what it stands for.
func Follow(operation string, n int, token, next string) error {
	switch {
	case next == "":
		return nil
	case next == token:
		return awserr.InvalidResponse(fmt.Sprintf("%s returned the same NextToken twice", operation))
	case n == most:
		return awserr.InvalidResponse(operation + " does not end")
	default:
		return nil
	}
}
