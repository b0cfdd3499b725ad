package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/pintle-hub/pintle/sdk"
)

// backend is a system that takes events over HTTP and refuses those that say "umlaut" until the file "repaired" is there. It
// writes its address into the file "address".
func backend() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := os.Stat("repaired"); err != nil && strings.Contains(string(body), "umlaut") {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
	}))
	defer server.Close()
	if os.WriteFile("address.new", []byte(server.URL), 0o644) != nil || os.Rename("address.new", "address") != nil {
		os.Exit(1)
	}
	<-stop
}

// acme is a third-party program: an analyzer that shouts.
func acme() sdk.Program {
	type config struct {
		Mark string `pintle:"mark" default:"!" doc:"What to put behind."`
	}
	adds := []sdk.Field{{Name: "text", Kind: sdk.String, Doc: "The text, louder."}}
	return sdk.Program{Name: "acme", Version: "2.3.4", Analyzers: []sdk.AnalyzerSpec{
		sdk.NewAnalyzer("shout", "Says it louder.", adds, func(_ context.Context, c config) (sdk.Analyzer, error) {
			if c.Mark == "?" {
				return nil, sdk.Errorf(sdk.Invalid, "nobody shouts a question")
			}
			return shouter(c.Mark), nil
		}),
	}}
}

type shouter string

func (s shouter) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		out.SetString(i, "text", strings.ToUpper(in.Text(i))+string(s))
	}
	return nil
}
