package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;

/** One line of a listing. */
public record DirectoryEntry(Bytes name, FileKind kind, long inode) {}
