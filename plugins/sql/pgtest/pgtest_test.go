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
