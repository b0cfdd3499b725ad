package broker

// Break stops the embedded server behind the broker's back.
func Break(b *Broker) { b.stopEmbedded() }
