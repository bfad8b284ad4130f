package account

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

func TestABudgetStandsStillWhileItsCallWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, b, end := withBudget(t.Context(), 30*time.Second)
		defer end()
		time.Sleep(10 * time.Second)
		b.stop()
		b.stop()
		time.Sleep(time.Hour)
		assert.NoError(t, ctx.Err())
		b.run()
		b.run()
		<-ctx.Done()
		assert.Equal(t, time.Hour+30*time.Second, time.Since(began))
		b.stop()
		b.run() // spent for good

		assert.Equal(t, awserr.CodeTimeout, awserr.Code(b.explain(&smithy.CanceledError{Err: ctx.Err()})))
		b.refusal = &smithy.GenericAPIError{Code: "ThrottlingException"}
		assert.Equal(t, "ThrottlingException", awserr.Code(b.explain(&smithy.CanceledError{Err: ctx.Err()})), "what AWS said last tells more")
		denied := &smithy.GenericAPIError{Code: "AccessDenied"}
		assert.Equal(t, denied, b.explain(denied))
		assert.NoError(t, b.explain(nil))
	})
}

func TestAQueryThatEndsDoesNotLookLikeABudgetSpent(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	ctx, b, end := withBudget(parent, time.Hour)
	defer end()
	cancel()
	assert.Equal(t, awserr.CodeCanceled, awserr.Code(b.explain(ctx.Err())))
}
