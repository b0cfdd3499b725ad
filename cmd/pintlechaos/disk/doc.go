// Package disk makes disks go wrong on purpose: an ext4 file system of its own in a file, whose power can be cut, that can be
// filled, made read-only or run out of inodes, and tools that damage the files of a log as bad hardware does.
//
// It needs Linux and the rights of root for the file systems; the damage works everywhere. It knows how the log's files are
// laid out and nothing else of the product. Its one promise: what it mounted is unmounted, even when its process is killed.
package disk
