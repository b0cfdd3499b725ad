package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/plugins/internal/fieldmap"
	"github.com/pintle-hub/pintle/sdk"
)

// ServeHTTP takes in one delivery.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, refusal := r.read(w, req)
	if refusal != nil {
		r.refuse(w, refusal)
		return
	}
	now := time.Now()
	d, err := r.verify(req.Header, body, now)
	if err != nil {
		r.refuse(w, &problem{status: http.StatusUnauthorized, detail: err.Error()})
		return
	}
	switch r.memory.begin(d.key, now) {
	case busy:
		r.refuse(w, &problem{status: http.StatusConflict, detail: "this delivery is being stored", after: time.Second})
		return
	case stored:
		answer(w, http.StatusOK, receipt{Duplicate: true})
		return
	}
	given, refusal := r.store(req.Context(), d, body, now)
	r.memory.end(d.key, refusal == nil, time.Now())
	if refusal != nil {
		r.refuse(w, refusal)
		return
	}
	answer(w, http.StatusAccepted, given)
}

// read checks what can be checked before the signature, and reads the body.
func (r *receiver) read(w http.ResponseWriter, req *http.Request) ([]byte, *problem) {
	switch {
	case req.URL.Path != r.config.Path:
		return nil, &problem{status: http.StatusNotFound, detail: "nothing is posted to this path"}
	case req.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return nil, &problem{status: http.StatusMethodNotAllowed, detail: "deliveries are posted"}
	case !isJSON(req.Header.Get("Content-Type")):
		return nil, &problem{status: http.StatusUnsupportedMediaType, detail: "the content type is not JSON in UTF-8"}
	case req.Header.Get("Content-Encoding") != "":
		return nil, &problem{status: http.StatusUnsupportedMediaType, detail: "the body is packed"}
	case req.ContentLength > maxBody:
		return nil, tooLarge()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, &problem{status: http.StatusBadRequest, detail: "the body did not come whole"}
	}
	return body, nil
}

func tooLarge() *problem {
	return &problem{status: http.StatusRequestEntityTooLarge, detail: fmt.Sprintf("the body has more than %d bytes", maxBody)}
}

func isJSON(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}

// store makes events of a body and waits until they are durable.
func (r *receiver) store(ctx context.Context, d delivery, body []byte, now time.Time) (receipt, *problem) {
	events, given, refusal := r.events(d, body, now)
	if refusal != nil {
		return given, refusal
	}
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	default:
		return given, &problem{status: http.StatusServiceUnavailable, detail: "too many deliveries at once", after: time.Second}
	}
	ctx, cancel := context.WithTimeout(ctx, r.config.Wait)
	defer cancel()
	switch err := r.out.Emit(ctx, nil, events...); {
	case err == nil:
		return given, nil // only now: promise 1
	case sdk.CodeOf(err) == sdk.Invalid:
		return given, &problem{status: http.StatusRequestEntityTooLarge, detail: "the events are more than the hub takes at once"}
	}
	return given, &problem{status: http.StatusServiceUnavailable, detail: "the hub cannot store it now", after: retryAfter}
}

const retryAfter = 10 * time.Second

// events makes an event of an object, or of each one in a list. What cannot be read in a list is rejected by itself; when
// nothing can be read the sender is told so.
func (r *receiver) events(d delivery, body []byte, now time.Time) ([]sdk.Event, receipt, *problem) {
	items, list, refusal := split(body)
	if refusal != nil {
		return nil, receipt{}, refusal
	}
	base := d.id
	if base == "" {
		base = "body-" + hash16(body)
	}
	if d.at.IsZero() {
		d.at = now
	}
	var given receipt
	var why string
	events := make([]sdk.Event, len(items))
	for i, item := range items {
		name := base
		if list {
			name += "/" + strconv.Itoa(i)
		}
		var err error
		if events[i], err = r.event(name, d.at, item); err != nil {
			why = err.Error()
			given.Rejected++
			events[i] = sdk.Rejected("rj_"+sdk.HashID("webhook", r.config.Instance, name), r.config.Path+" "+name, why, item)
			continue
		}
		given.Accepted++
	}
	if given.Accepted == 0 {
		return nil, receipt{}, &problem{status: http.StatusBadRequest, detail: why}
	}
	return events, given, nil
}

// split returns the objects of a body, and whether they are in a list.
func split(body []byte) (items []json.RawMessage, list bool, refusal *problem) {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 || body[0] != '{' && body[0] != '[' {
		return nil, false, &problem{status: http.StatusBadRequest, detail: "the body is neither a JSON object nor a list of them"}
	}
	if body[0] == '{' {
		return []json.RawMessage{body}, false, nil
	}
	if err := json.Unmarshal(body, &items); err != nil {
		return nil, true, &problem{status: http.StatusBadRequest, detail: "the body is not JSON"}
	}
	if len(items) == 0 || len(items) > sdk.MaxEvents {
		return nil, true, &problem{status: http.StatusBadRequest, detail: fmt.Sprintf("the list has %d items; 1 to %d are possible", len(items), sdk.MaxEvents)}
	}
	return items, true, nil
}

// event makes the event of one object; name is its id if it has none of its own.
func (r *receiver) event(name string, at time.Time, item []byte) (sdk.Event, error) {
	if item[0] != '{' {
		return sdk.Event{}, errors.New("it is not a JSON object")
	}
	e, err := r.fields.JSON(item)
	if err == nil {
		err = fieldmap.Check(&e)
	}
	if err != nil {
		return e, err
	}
	if e.Time.IsZero() {
		e.Time = at
	}
	native := sdk.Native{Platform: "webhook", Instance: r.config.Instance, ID: name}
	if e.Feedback == nil {
		e.ID = sdk.FeedbackID(native)
		return e, nil
	}
	if e.Feedback.Native.ID != "" {
		native.ID, native.Revision = e.Feedback.Native.ID, e.Feedback.Native.Revision
	}
	e.Feedback.Native = native
	if e.Feedback.Kind == "" {
		e.Feedback.Kind = r.config.Kind
	}
	return e, nil
}
