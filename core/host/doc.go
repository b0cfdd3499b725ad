// Package host runs plugins as processes: it starts them, watches them, reads their logs and stops them. It does not know
// what a plugin does; others speak the contract over the connection it hands out. It is the only importer of go-plugin's
// client.
//
// Its one promise: nothing a plugin does, be it a crash, a hang, a flood or a lie, can crash or block the hub, and no
// plugin outlives it. // promise 5
//
// go-plugin negotiates; the process itself is ours (see runner), because a stock host panics on one malformed log line,
// blocks forever on a stopped plugin, overlooks a death when a grandchild holds stderr, hands its whole environment to
// every plugin and leaves orphans behind.
package host
