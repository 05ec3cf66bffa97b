package io.redisfuse.frontend.files;

/** A file that was created and opened. */
public record Created(Attributes attributes, long handle) {}
