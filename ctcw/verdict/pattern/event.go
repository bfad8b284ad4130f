package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Event is one log event. It is read once and can be held against many patterns, from several goroutines.
type Event struct {
	text string // as it was logged
	root any    // what it says: a map[string]any, numbers as [json.Number]; nil if it is not a JSON object
}

// ParseEvent reads a CloudTrail event as CloudTrail writes it to a log group: one JSON object on one line without
// white space between its tokens. The text is kept as it is, since patterns of terms and of fields look at it.
func ParseEvent(text []byte) (Event, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	// Of a property that is there twice, the last one counts (observed); so it does here.
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return Event{}, fmt.Errorf("the event is not a JSON object: %w", err)
	}
	if object == nil {
		return Event{}, errors.New("the event is null")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Event{}, errors.New("something follows the event's JSON object")
	}
	return Event{text: string(text), root: object}, nil
}
