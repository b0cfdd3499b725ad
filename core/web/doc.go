// Package web is the hub's admin API: JSON over HTTP on a unix socket in the data directory, for the command line. Only the
// user who runs the hub can connect: the socket lies in a folder of mode 0700.
//
// Its promise: an answer says what was done, after it is durable, and no answer holds a customer's words unless dead letters
// were asked for.
package web
