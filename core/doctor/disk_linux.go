package doctor

import "golang.org/x/sys/unix"

// volumeOf asks the kernel about the file system that dir is on.
func volumeOf(dir string) (volume, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return volume{}, err
	}
	v := volume{free: int64(st.Bavail) * st.Bsize, total: int64(st.Blocks) * st.Bsize, inodes: int64(st.Ffree), most: int64(st.Files)}
	network := "locks and syncs over a network do not keep what they promise: acknowledged events have been lost on such file systems"
	switch st.Type {
	case unix.EXT4_SUPER_MAGIC:
		v.kind = "ext4"
	case unix.XFS_SUPER_MAGIC:
		v.kind = "xfs"
	case unix.BTRFS_SUPER_MAGIC:
		v.kind = "btrfs"
	case 0x2fc12fc1:
		v.kind = "zfs"
	case unix.F2FS_SUPER_MAGIC:
		v.kind = "f2fs"
	case unix.TMPFS_MAGIC, unix.RAMFS_MAGIC:
		v.kind, v.note = "tmpfs", "it is in memory: a restart of the machine loses everything"
	case unix.OVERLAYFS_SUPER_MAGIC:
		v.kind, v.note = "overlay", "it is the container's own layer: what is in it goes when the container is replaced; mount a volume"
	case unix.NFS_SUPER_MAGIC:
		v.kind, v.note, v.remote = "nfs", network, true
	case unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
		v.kind, v.note, v.remote = "smb", network, true
	case unix.V9FS_MAGIC:
		v.kind, v.note = "9p", "it is shared from another system: what a sync is worth there is unknown"
	case unix.FUSE_SUPER_MAGIC:
		v.kind, v.note = "fuse", "a program serves it: what a sync is worth there is unknown"
	case unix.MSDOS_SUPER_MAGIC:
		v.kind, v.note = "vfat", "it has no journal and no owners: a power cut may damage it"
	}
	return v, nil
}
