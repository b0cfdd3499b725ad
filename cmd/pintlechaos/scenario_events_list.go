package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// brings is one thing that nobody expects. It does it, and adds to what must be there in the end.
type brings struct {
	name string
	do   func(m *mess, ctx context.Context) error
}

func allBrings() []brings {
	return []brings{
		{"the same entry twice", (*mess).twice},
		{"one id with another content", (*mess).changed},
		{"an event of thirty years ago and one of ten years ahead", (*mess).future},
		{"an empty text, and no text", (*mess).empty},
		{"bytes that are not UTF-8", (*mess).notUTF8},
		{"entries at and over each limit", (*mess).giants},
		{"nothing at all", (*mess).nothing},
		{"a feed that repeats itself, goes back, and is empty for a while", (*mess).feedGoesBack},
		{"a feed that is none", (*mess).feedIsNone},
		{"a file that goes back", (*mess).fileGoesBack},
	}
}

func runEvents(ctx context.Context, e *rig.Env, cycles int) (err error) {
	m, err := openMess(ctx, e)
	if m != nil && m.feed != nil {
		defer func() { err = errors.Join(err, m.feed.Close()) }()
	}
	if err != nil {
		return err
	}
	for range cycles {
		for _, b := range allBrings() {
			e.Say("%s", b.name)
			if err := b.do(m, ctx); err != nil {
				return fmt.Errorf("%s: %w", b.name, err)
			}
			if err := m.settled(ctx); err != nil {
				return fmt.Errorf("%s: %w", b.name, err)
			}
			if err := e.AwaitFlow(ctx, "one"); err != nil {
				return fmt.Errorf("%s stops another pipeline: %w", b.name, err)
			}
		}
	}
	return e.Quiesce(ctx)
}

func (m *mess) twice(ctx context.Context) error {
	id := m.name("twice")
	m.want[id]++ // by its id the sink knows the repeat
	entry := line(id, time.Now(), "ann", id, "")
	if err := m.write(entry + entry); err != nil {
		return err
	}
	hook := m.name("hooked")
	m.want[hook]++
	body := []byte(line(hook, time.Now(), "ann", hook, ""))
	return errors.Join(m.refused(ctx, body, 202), m.refused(ctx, body, 200))
}

// changed: the id says which event it is. A sink that remembers ids keeps the first content, one that writes over keeps the last.
func (m *mess) changed(context.Context) error {
	id := m.name("changed")
	m.want[id]++
	return m.write(line(id, time.Now(), "ann", id, "") + line(id, time.Now(), "ann", id+" afterwards", ""))
}

func (m *mess) future(ctx context.Context) error {
	about := m.name("talk")
	now := time.Now()
	times := []time.Time{now, now.AddDate(10, 0, 0), now.AddDate(-30, 0, 0), now}
	for i, at := range times {
		text := fmt.Sprintf("%s-%d", about, i)
		m.want[text]++
		if err := m.write(line(text, at, []string{"ann", "bob", "dan", "cid"}[i], text, about)); err != nil {
			return err
		}
		if err := m.settled(ctx); err != nil { // each is recorded before the next is brought
			return err
		}
	}
	return m.env.Await(ctx, 10*time.Second, "three people to be a trend", func() error { return m.insight(about, "trend", 3) })
}

// insight looks for what must have been said of a subject.
func (m *mess) insight(about, stage string, people int) error {
	b, err := os.ReadFile(filepath.Join(m.env.Hub0.Dir, "talk.jsonl"))
	if err != nil {
		return err
	}
	var last struct {
		Data struct {
			Stage   string
			Support struct {
				People int `json:"distinct_persons"`
			}
		}
	}
	for l := range strings.Lines(string(b)) {
		if strings.Contains(l, `"`+about+`"`) {
			if err := json.Unmarshal([]byte(l), &last); err != nil {
				return err
			}
		}
	}
	if last.Data.Stage != stage || last.Data.Support.People != people {
		return fmt.Errorf("it was said of %s: %+v", about, last.Data)
	}
	return nil
}

func (m *mess) empty(ctx context.Context) error {
	m.want[""] += 3
	if err := m.write(line(m.name("empty"), time.Now(), "ann", "", "") + fmt.Sprintf("{\"id\":%q}\n", m.name("none")) + "\n   \n"); err != nil {
		return err
	}
	return m.refused(ctx, []byte(line(m.name("empty"), time.Now(), "ann", "", "")), 202)
}

func (m *mess) notUTF8(ctx context.Context) error {
	good := m.name("behind")
	m.want[good]++
	m.dead["UTF-8"]++
	bad := "{\"id\":\"" + m.name("bad") + "\",\"text\":\"caf\xe9\"}\n"
	if err := m.write(bad + line(good, time.Now(), "ann", good, "")); err != nil {
		return err
	}
	if err := m.refused(ctx, []byte(bad), 400); err != nil {
		return err
	}
	return m.look(ctx, strings.ReplaceAll(feedOf("bad"), "bad", "caf\xe9"))
}

// giants are entries just below each limit, and over it.
func (m *mess) giants(ctx context.Context) error {
	big := func(what string, n int) string { return m.name(what) + strings.Repeat("x", n) }
	below, over := big("below", 1000<<10), big("over", 1100<<10)
	m.want[shortened(below)]++
	m.dead["max_line"]++
	if err := m.write(line(below[:8], time.Now(), "ann", below, "") + line(over[:8], time.Now(), "ann", over, "")); err != nil {
		return err
	}
	posted, refused := big("posted", 1000<<10), big("refused", 1<<20)
	m.want[shortened(posted)]++
	if err := m.refused(ctx, []byte(line(m.name("giant"), time.Now(), "ann", posted, "")), 202); err != nil {
		return err
	}
	if err := m.refused(ctx, []byte(line(m.name("giant"), time.Now(), "ann", refused, "")), 413); err != nil {
		return err
	}
	fed := big("fed", 900<<10)
	m.want[shortened(fed)]++
	return m.look(ctx, entryOf(m.name("giant"), fed))
}

func entryOf(id, text string) string {
	return strings.Replace(feedOf("TEXT"), "<guid>TEXT</guid><description>TEXT</description>", "<guid>"+id+"</guid><description>"+text+"</description>", 1)
}

func (m *mess) nothing(ctx context.Context) error {
	if err := m.write("\n\n\r\n"); err != nil {
		return err
	}
	status, err := m.post(ctx, []byte("[]"))
	if err == nil && status != 202 && status != 400 {
		err = fmt.Errorf("the webhook answered an empty list with %d", status)
	}
	return errors.Join(err, m.refused(ctx, nil, 400), m.look(ctx, feedOf()))
}

func (m *mess) feedGoesBack(ctx context.Context) error {
	a, b, c := m.name("feed"), m.name("feed"), m.name("feed")
	for _, text := range []string{a, b, c} {
		m.want[text]++
	}
	for _, page := range []string{feedOf(b, a), feedOf(b, a), feedOf(c, b, a), feedOf(a), feedOf(), feedOf(b, a), feedOf(c, a, b)} {
		if err := m.look(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// feedIsNone: what cannot be read is said, and the next good page is read.
func (m *mess) feedIsNone(ctx context.Context) error {
	good := m.name("again")
	m.want[good]++
	for _, page := range []string{"", "<html><body>sorry</body></html>", feedOf("x")[:120], strings.Repeat("<a>", 10_000), string(make([]byte, 11<<20))} {
		if err := m.look(ctx, page); err != nil {
			return err
		}
	}
	return m.look(ctx, feedOf(good))
}

// fileGoesBack: a file that is replaced by an older one of other content is another file, whose entries are known by their ids.
func (m *mess) fileGoesBack(ctx context.Context) error {
	path := filepath.Join(m.env.Hub0.Dir, "posts.jsonl")
	first := m.name("kept")
	m.want[first]++
	entry := line(first, time.Now(), "ann", first, "")
	if err := errors.Join(m.write(entry), m.settled(ctx)); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(path+".new", []byte(entry+entry), 0o600), os.Rename(path+".new", path), m.settled(ctx))
}
