package scan

import (
	"context"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
)

// asker is an account in which a trail is asked about.
type asker struct {
	session *account.Session
	failed  map[string]error // regions that could not be listed there
}

// throughOwner asks through the account that owns a thing, once for all that show it, and as the row's own account
// where that one is not in reach or does not answer: what the member is told is as good.
func throughOwner[T any](ctx context.Context, r *Row, ownerID string, ask func(context.Context, *asker) (T, error)) (T, error) {
	if ownerID != r.ID {
		if owner, err := r.query.owner(ctx, ownerID); owner != nil && err == nil {
			if answer, err := ask(ctx, &asker{session: owner}); err == nil {
				return answer, nil
			}
		}
	}
	return ask(ctx, &asker{r.session, r.listing.Failed})
}
