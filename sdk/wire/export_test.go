package wire

import "google.golang.org/grpc/encoding"

// Codec is what a plugin's process reads frames with.
func Codec() encoding.CodecV2 { return codec{} }
