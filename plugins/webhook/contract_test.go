package webhook_test

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/pintle-hub/pintle/plugins/webhook"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

const listen = "127.0.0.1:0"

// Signed is checked without deliveries; what a delivery may say is in the tests of signatures.
func TestContract(t *testing.T) {
	secret := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	sdktest.TestSource(t, sdktest.Suite{Program: webhook.Program(), Type: "webhook",
		Config: map[string]any{"listen": listen, "secret": secret},
		Invalid: []any{
			map[string]any{"listen": "nowhere", "secret": secret},
			map[string]any{"listen": listen},
			map[string]any{"listen": listen, "secret": "whsec_???"},
			map[string]any{"listen": listen, "scheme": "none"},
			map[string]any{"listen": listen, "secret": secret, "path": "in"},
			map[string]any{"listen": listen, "secret": secret, "fields": map[string]string{"nothing": "x"}},
		}})
}

// What was answered with yes is stored when the source has been drained, also over the connection to a hub.
func TestDrainedOverTheConnection(t *testing.T) {
	log := &logs{address: make(chan string, 1)}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(log, nil)))
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		slog.SetDefault(before)
	})
	r := sdktest.Source(t, webhook.Program(), "webhook", unsigned("listen", listen))
	stored := r.CollectWhile(func() {
		sender := running{t: t, url: "http://" + <-log.address + "/in", log: log}
		wantReply(t, sender.post(`{"post":{"id":"p1"},"text":"hello"}`, "Webhook-Id", "w1"), 202, map[string]any{"accepted": 1.0})
		wantReply(t, sender.post(`[{"text":"a"},{"text":"b"}]`, "Webhook-Id", "w2"), 202, map[string]any{"accepted": 2.0})
	})
	if len(stored) != 3 || stored[0].Text() != "hello" || stored[2].Text() != "b" {
		t.Errorf("%d events are stored, want 3 in the order they came: %+v", len(stored), stored)
	}
}
