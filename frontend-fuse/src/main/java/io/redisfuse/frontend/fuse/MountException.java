package io.redisfuse.frontend.fuse;

import java.io.IOException;

/** A file system could not be mounted. The message is one sentence for a person, with the cure. */
public final class MountException extends IOException {

  private static final long serialVersionUID = 1L;

  MountException(String message) {
    super(message);
  }

  MountException(String message, Throwable cause) {
    super(message, cause);
  }
}
