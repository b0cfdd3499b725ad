package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/parts"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/proxy"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
	"github.com/pintle-hub/pintle/plugins/sql/pgtest"
	"github.com/pintle-hub/pintle/sdk"
)

// tableHCL is the sink to be harmed.
const tableHCL = `
sink "sql" "table" {
  driver  = "postgres"
  dsn     = %q
  table   = "events"
  columns = { id = event.id, key = event.key, subject = event.subject, time = event.time, text = event.text }
  create  = false
}
`

const tableDDL = `CREATE TABLE events (id text PRIMARY KEY, key text, subject text, time text, text text)`

// tableFault is one way in which a database fails: harm and mend are statements, or what is done to the wire or the server.
type tableFault struct {
	name       string
	harm, mend string
	wire       proxy.Fault
	server     func(*pgtest.Server) error // before mend, which starts it again
	cause      string
	last       time.Duration // 0 is two seconds
	broken     bool
	quiet      bool
}

// cut ends the connections of others, so that they see what is new for sessions.
const cut = `; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pintle'`

// tableFaults are all of them.
func tableFaults() []tableFault {
	trigger := `CREATE OR REPLACE FUNCTION harm() RETURNS trigger AS $$ BEGIN %s; RETURN NULL; END $$ LANGUAGE plpgsql;
		CREATE TRIGGER harm AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION harm()`
	const untrigger = `DROP TRIGGER harm ON events`
	return []tableFault{
		{name: "kill -9 of PostgreSQL during writes", server: (*pgtest.Server).Kill, cause: "cannot"},
		{name: "table gone and back", harm: `ALTER TABLE events RENAME TO hidden` + cut, mend: `ALTER TABLE hidden RENAME TO events`, cause: "no table", broken: true},
		{name: "connection cut in a transaction", wire: proxy.Fault{Up: proxy.Flow{Cut: 1500}}, cause: "the connection broke"},
		{name: "PostgreSQL restarted", server: (*pgtest.Server).Stop, cause: "cannot"},
		{name: "unique violation", harm: `CREATE UNIQUE INDEX harm ON events ((right(id, 1))) WHERE id > 'a-%s'`, mend: `DROP INDEX harm`, quiet: true},
		{name: "answer to the commit lost", wire: proxy.Fault{Down: proxy.Flow{Cut: 450}}, cause: "the connection broke"},
		{name: "read-only", harm: `ALTER DATABASE postgres SET default_transaction_read_only = on` + cut,
			mend: `ALTER DATABASE postgres RESET default_transaction_read_only` + cut, cause: "25006"},
		{name: "slow disk", harm: fmt.Sprintf(trigger, "PERFORM pg_sleep(0.5)"), mend: untrigger, quiet: true, last: 4 * time.Second},
		{name: "disk full", harm: fmt.Sprintf(trigger, "RAISE EXCEPTION 'no space' USING ERRCODE = '53100'"), mend: untrigger, cause: "53100"},
		{name: "check constraint", harm: `ALTER TABLE events ADD CONSTRAINT harm CHECK (id NOT LIKE '%7') NOT VALID`,
			mend: `ALTER TABLE events DROP CONSTRAINT harm`, quiet: true},
		{name: "sessions ended again and again", harm: fmt.Sprintf(trigger, "PERFORM pg_terminate_backend(pg_backend_pid())"), mend: untrigger, cause: "57P01"},
		{name: "deadlock", harm: fmt.Sprintf(trigger, "RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'"), mend: untrigger, cause: "40P01"},
		{name: "password changed", harm: `ALTER ROLE postgres PASSWORD 'another'` + cut, mend: `ALTER ROLE postgres PASSWORD '` + pgtest.Password + `'`,
			cause: "28P01", broken: true},
		{name: "black hole", wire: proxy.Fault{Up: proxy.Flow{Blackhole: true}, Down: proxy.Flow{Blackhole: true}}, quiet: true, last: 4 * time.Second},
		{name: "connection refused", wire: proxy.Fault{Refuse: true}, cause: "connection refused"},
		{name: "slow line", wire: proxy.Fault{Up: proxy.Flow{Latency: 80 * time.Millisecond, Jitter: 80 * time.Millisecond},
			Down: proxy.Flow{Latency: 80 * time.Millisecond}}, quiet: true},
	}
}

// base is the database of the sql sink behind its proxy.
type base struct {
	env    *rig.Env
	server *pgtest.Server
	wire   *proxy.Proxy
	admin  string // its address past the proxy, which survives a changed password
}

func openBase(ctx context.Context, e *rig.Env) (*base, error) {
	s, err := pgtest.NewServer()
	if err != nil {
		return nil, err
	}
	b := &base{env: e, server: s}
	if err := s.Start(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	b.admin = s.DSN()
	if b.wire, err = proxy.Listen(s.Socket()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	_, err = pgtest.Query(ctx, b.admin, tableDDL+`; CREATE ROLE admin SUPERUSER LOGIN PASSWORD '`+pgtest.Password+`'; ALTER ROLE admin SET default_transaction_read_only = off`)
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	u, err := url.Parse(b.admin)
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	u.User = url.UserPassword("admin", pgtest.Password)
	b.admin = u.String()
	return b, nil
}

func (b *base) close() error { return errors.Join(b.wire.Close(), b.server.Close()) }

// dsn is the address that the sink is given.
func (b *base) dsn() string {
	return (&url.URL{Scheme: "postgres", User: url.UserPassword("postgres", pgtest.Password), Host: b.wire.Addr(), Path: "/postgres",
		RawQuery: "sslmode=disable&connect_timeout=5"}).String()
}

func (b *base) do(ctx context.Context, statement string) error {
	if statement == "" {
		return nil
	}
	_, err := pgtest.Query(ctx, b.admin, statement)
	return err
}

func (b *base) downtime(ctx context.Context, f tableFault) *downtime {
	o := &downtime{env: b.env, address: "sink.sql.table", cause: f.cause, last: f.last, broken: f.broken, quiet: f.quiet}
	if o.last == 0 {
		o.last = 2 * time.Second
	}
	o.harm = func() error {
		statement := f.harm
		if f.name == "unique violation" { // from the next event on: those that are there differ
			c, err := b.env.Ledger.Counts()
			if err != nil {
				return err
			}
			statement = fmt.Sprintf(f.harm, fmt.Sprintf("%08d", c.Offered["a"]))
		}
		err := errors.Join(b.do(ctx, statement), b.wire.Set(f.wire))
		if f.server != nil {
			err = errors.Join(err, f.server(b.server))
		}
		return err
	}
	o.mend = func() error {
		var err error
		if f.server != nil {
			err = b.server.Start()
		}
		return errors.Join(err, b.do(ctx, f.mend), b.wire.Set(proxy.Fault{}))
	}
	return o
}

func runTable(ctx context.Context, e *rig.Env, cycles int) (err error) {
	b, err := openBase(ctx, e)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = e.Quiesce(ctx)
		}
		if err == nil {
			err = errors.Join(b.tell(ctx), evidence(ctx, e, "sink.sql.table", "event ", "23505", "23514"))
		}
		err = errors.Join(err, b.close())
	}()
	if err := startSink(ctx, e, fmt.Sprintf(tableHCL, b.dsn()), "sink.sql.table"); err != nil {
		return err
	}
	faults := tableFaults()
	for i := range cycles {
		f := faults[i%len(faults)]
		if err := b.downtime(ctx, f).run(ctx, f.name); err != nil {
			return err
		}
	}
	return nil
}

// tell tells the ledger what is in the table at the end: an upsert leaves no trace of a repeat, so that is all there is.
func (b *base) tell(ctx context.Context) error {
	rows, err := pgtest.Query(ctx, b.admin, `SELECT id, key, subject, time, text FROM events ORDER BY id`)
	if err != nil {
		return err
	}
	items := make([]ledger.Item, len(rows))
	for i, r := range rows {
		at, err := time.Parse(time.RFC3339Nano, r[3])
		if err != nil {
			return err
		}
		items[i] = parts.ItemOf(&sdk.Event{ID: r[0], Key: r[1], Subject: r[2], Time: at, Feedback: &sdk.Feedback{Text: r[4]}})
	}
	return errors.Join(b.env.Ledger.Note(ledger.Record{Kind: ledger.Deliver, Who: "table", Gen: 1, Items: items}),
		b.env.Ledger.Note(ledger.Record{Kind: ledger.Ok, Who: "table", Gen: 1, Items: items}))
}
