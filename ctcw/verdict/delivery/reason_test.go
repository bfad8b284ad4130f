package delivery_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                              "1 minute",
		time.Minute:                    "1 minute",
		2*time.Minute + 59*time.Second: "2 minutes",
		2*time.Hour - time.Second:      "119 minutes",
		2 * time.Hour:                  "2 hours",
		48*time.Hour - time.Second:     "47 hours",
		48 * time.Hour:                 "2 days",
		73 * time.Hour:                 "3 days",
	} {
		assert.Equal(t, want, delivery.Words(d), d)
	}
}

// What is said of S3 has the bounds of what is said of CloudWatch Logs.
func TestBoundsOfTheDeliveryToS3(t *testing.T) {
	for at, want := range map[time.Duration]string{
		delivery.MaxClockSkew + time.Second:    "delivery to S3 is dated in the future",
		delivery.MaxClockSkew:                  "delivery to S3 goes on",
		-delivery.MaxDeliveryAge:               "delivery to S3 goes on",
		-delivery.MaxDeliveryAge - time.Second: "delivery to S3 has stopped too",
	} {
		f := delivering()
		f.Status.LatestCloudWatchLogs, f.Status.LatestS3Delivery = now.Add(-72*time.Hour), now.Add(at)
		v := delivery.Of(f)
		assert.Equal(t, delivery.Stale, v.Status)
		assert.Contains(t, v.Reason, want, at)
	}
}
