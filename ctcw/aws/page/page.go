// Package page reads answers that come in pages.
package page

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// most bounds the pages of one answer.
const most = 10_000

// Each asks for one page after the other until ask returns no token for the next. A token that comes again, or pages
// without an end, are an error: to stop there would leave out what they stand for.
func Each(operation string, ask func(token *string) (next *string, err error)) error {
	var token *string
	for range most {
		next, err := ask(token)
		switch {
		case err != nil:
			return err
		case aws.ToString(next) == "":
			return nil
		case token != nil && *next == *token:
			return awserr.InvalidResponse(fmt.Sprintf("%s returned the same NextToken twice", operation))
		}
		token = next
	}
	return awserr.InvalidResponse(operation + " does not end")
}
