package delivery

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

func reason(f Facts, s Status) string {
	text := cause(f, s)
	if f.foreign() && s != Delivering {
		text = fmt.Sprintf("%s The trail belongs to account %s; only its owner can mend it.", text, f.Trail.OwnerAccountID)
	}
	return text
}

func cause(f Facts, s Status) string {
	switch s {
	case Unknown:
		if f.Trail == nil {
			return unlisted(f)
		}
		if f.Status != nil {
			return fmt.Sprintf("GetTrailStatus dates the latest delivery to CloudWatch Logs at %s, which is yet to come: AWS's clock says %s.",
				stamp(f.Status.LatestCloudWatchLogs), stamp(f.CheckedAt))
		}
		return "GetTrailStatus failed, so delivery cannot be judged: " + sentence(f.StatusError)
	case NoTrail:
		return "No trail is visible in this account; a trail that covers all regions would be visible in any of them." + unscannedNote(f)
	case NotConfigured:
		return "No CloudWatch Logs log group is configured."
	case LoggingStopped:
		if t := f.Status.StopLogging; !t.IsZero() {
			return fmt.Sprintf("The trail is not logging; it was stopped at %s.", stamp(t))
		}
		return "The trail is not logging."
	case LogGroupMissing:
		return fmt.Sprintf("Log group %s does not exist in region %s.", f.Trail.LogGroupName, f.Trail.LogGroupRegion)
	case NeverDelivered:
		return "CloudTrail never delivered to the log group" + deliveryError(f) + "; " + s3(f) + "."
	case Stale:
		return fmt.Sprintf("The latest delivery to CloudWatch Logs was %s ago%s; %s.", Words(f.age()), deliveryError(f), s3(f))
	case Degraded:
		return "CloudTrail delivers to CloudWatch Logs, but reports " + sentence(f.Status.CloudWatchLogsError) + groupNote(f) + regionNote(f)
	default:
		return fmt.Sprintf("CloudTrail delivered to CloudWatch Logs at %s.", stamp(f.Status.LatestCloudWatchLogs)) + groupNote(f) + regionNote(f)
	}
}

func unlisted(f Facts) string {
	text := "No region of this account could be listed"
	if f.Listed > 0 {
		text = "No such trail is visible, but not every region could be listed"
	}
	if f.ScanError == "" {
		return text + "." + unscannedNote(f)
	}
	return text + ": " + sentence(f.ScanError)
}

// groupNote says that the log group may be gone since the latest delivery.
func groupNote(f Facts) string {
	if f.LogGroup != LogGroupUnknown {
		return ""
	}
	return " Whether the log group still exists is not known: " + sentence(f.LogGroupError)
}

// regionNote says that the home region, whose answer is the authority, did not give one.
func regionNote(f Facts) string {
	if f.SaidBy == "" {
		return ""
	}
	return fmt.Sprintf(" That is what region %s says: the home region, %s, could not be asked.", f.SaidBy, f.Trail.HomeRegion)
}

func unscannedNote(f Facts) string {
	if len(f.Unscanned) == 0 {
		return ""
	}
	return fmt.Sprintf(" Not scanned: %s.", strings.Join(slices.Sorted(maps.Keys(f.Unscanned)), ", "))
}

func deliveryError(f Facts) string {
	if f.Status.CloudWatchLogsError == "" {
		return ""
	}
	return fmt.Sprintf(" (reported error: %s)", oneLine(f.Status.CloudWatchLogsError))
}

// s3 says whether delivery to S3 goes on, which tells a broken log group from a broken trail.
func s3(f Facts) string {
	t := f.Status.LatestS3Delivery
	switch {
	case t.IsZero():
		return "nothing was delivered to S3 either"
	case f.CheckedAt.Sub(t) < -MaxClockSkew:
		return "delivery to S3 is dated in the future, at " + stamp(t)
	case f.CheckedAt.Sub(t) > MaxDeliveryAge:
		return "delivery to S3 has stopped too, at " + stamp(t)
	default:
		return "delivery to S3 goes on, last at " + stamp(t)
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// sentence ends text that came from AWS as a sentence.
func sentence(s string) string {
	s = oneLine(s)
	if s == "" {
		s = "an error without a text"
	}
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}
