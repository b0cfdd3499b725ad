package hub

import "time"

// Refusal says why a configuration was not taken, while an older one goes on.
type Refusal struct {
	Time  time.Time `json:"time"`
	Error string    `json:"error"`
}

// Refused notes what came of the newest attempt to read the configuration again: err says why it was not taken, nil that it
// was. Status shows it until another attempt succeeds. Who calls Reload calls it, because reading the files may fail before.
func (h *Hub) Refused(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refused = nil
	if err != nil {
		h.refused = &Refusal{Time: time.Now().UTC(), Error: err.Error()}
	}
}
