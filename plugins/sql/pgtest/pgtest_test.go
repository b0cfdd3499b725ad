package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pintle-hub/pintle/plugins/sql/pgtest"
)

func TestStart(t *testing.T) {
	ctx := context.Background()
	var names []string
	stop, err := pgtest.Share()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		conn, err := pgx.Connect(ctx, pgtest.Start(t))
		if err != nil {
			t.Fatal(err)
		}
		var name string
		if err := conn.QueryRow(ctx, "SELECT current_database()").Scan(&name); err != nil {
			t.Error(err)
		}
		names = append(names, name)
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	}
	if names[0] == names[1] || names[0] == "postgres" {
		t.Errorf("databases %q, want one for each test", names)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestAKilledServerComesBackWithItsData(t *testing.T) {
	ctx := context.Background()
	s, err := pgtest.NewServer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for i, end := range []func() error{s.Kill, s.Stop} {
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := pgtest.Query(ctx, s.DSN(), "CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)"); err != nil {
			t.Fatal(err)
		}
		if rows, err := pgtest.Query(ctx, s.DSN(), "SELECT count(*), null FROM kept"); err != nil || rows[0][0] != []string{"1", "2"}[i] || rows[0][1] != "" {
			t.Errorf("rows %v, %v", rows, err)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	}
}
