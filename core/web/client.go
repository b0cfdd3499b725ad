package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk"
)

// ErrNotRunning means that no hub serves the data directory.
var ErrNotRunning = errors.New("no hub is running with this data directory")

// Client speaks to the hub that runs on a data directory.
type Client struct{ http http.Client }

// NewClient returns a client of the hub with that data directory. It connects with the first call.
func NewClient(dataDir string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		path := Socket(dataDir)
		dir, err := os.Open(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		defer dir.Close()
		var d net.Dialer
		return d.DialContext(ctx, "unix", short(dir, path))
	}
	return &Client{http: http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}
}

// Status asks how the hub is doing.
func (c *Client) Status(ctx context.Context) (s hub.Status, err error) {
	return s, c.call(ctx, http.MethodGet, "/v1/status", &s)
}

// Running asks what the hub runs.
func (c *Client) Running(ctx context.Context) (r hub.Running, err error) {
	return r, c.call(ctx, http.MethodGet, "/v1/plan", &r)
}

// Insights lists the newest insights, newest last.
func (c *Client) Insights(ctx context.Context) (list []flow.Headline, err error) {
	return list, c.call(ctx, http.MethodGet, "/v1/insights", &list)
}

// Reload makes the hub read its configuration again.
func (c *Client) Reload(ctx context.Context) (changes hub.Changes, err error) {
	return changes, c.call(ctx, http.MethodPost, "/v1/reload", &changes)
}

// Fsck makes the hub read its whole log and say what is damaged.
func (c *Client) Fsck(ctx context.Context) (checked hub.Checked, err error) {
	return checked, c.call(ctx, http.MethodPost, "/v1/fsck", &checked)
}

// Figures asks for all figures as text for Prometheus.
func (c *Client) Figures(ctx context.Context) (text string, err error) {
	return text, c.call(ctx, http.MethodGet, "/metrics", &text)
}

// DeadLetters lists the dead letters, oldest first.
func (c *Client) DeadLetters(ctx context.Context) (list []hub.DeadLetter, err error) {
	return list, c.call(ctx, http.MethodGet, "/v1/dead", &list)
}

// ReplayDead sends a dead letter on its way again.
func (c *Client) ReplayDead(ctx context.Context, seq uint64) error {
	return c.call(ctx, http.MethodPost, fmt.Sprintf("/v1/dead/%d/replay", seq), nil)
}

// DropDead takes a dead letter out for good.
func (c *Client) DropDead(ctx context.Context, seq uint64) error {
	return c.call(ctx, http.MethodDelete, fmt.Sprintf("/v1/dead/%d", seq), nil)
}

func (c *Client) call(ctx context.Context, method, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://hub"+path, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return ErrNotRunning
	}
	if err != nil {
		return sdk.Errorf(sdk.Unavailable, "ask the hub: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		var p problem
		if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&p); err != nil {
			return sdk.Errorf(sdk.Internal, "the hub answered %s", resp.Status)
		}
		return sdk.Errorf(codeOf(p.Status), "%s", p.Detail)
	}
	switch into := into.(type) {
	case nil:
		return nil
	case *string:
		b, err := io.ReadAll(resp.Body)
		*into = string(b)
		return err
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

func codeOf(status int) sdk.Code {
	for _, c := range []sdk.Code{sdk.Invalid, sdk.Denied, sdk.NotFound, sdk.Unavailable} {
		if statusOf(c) == status {
			return c
		}
	}
	return sdk.Internal
}
