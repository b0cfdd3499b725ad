package keep

import (
	"context"
	"path/filepath"
	"time"

	"github.com/pintle-hub/pintle/core/web"
)

// reload makes the hub read its configuration again.
func (s *Show) reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	_, err := web.NewClient(filepath.Join(s.Dir, "data")).Reload(ctx)
	return err
}
