package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.WrongTypeException;

/** What a backend's failure is to a file system. */
final class BackendErrors {

  private BackendErrors() {}

  static FsException translate(BackendException failure) {
    return new FsException(errorOf(failure), failure.getMessage(), failure);
  }

  private static FsError errorOf(BackendException failure) {
    if (failure instanceof ConflictException) {
      return FsError.CONFLICT;
    }
    if (failure instanceof WrongTypeException) {
      return FsError.CONFLICT;
    }
    if (failure instanceof BackendUnavailableException
        || failure instanceof OutcomeUnknownException) {
      return FsError.IO;
    }
    return switch (((RefusedException) failure).reason()) {
      case NOT_PERMITTED -> FsError.ACCESS;
      case NO_SPACE -> FsError.NO_SPACE;
      case TOO_LARGE -> FsError.TOO_LARGE;
      case READ_ONLY -> FsError.READ_ONLY;
      case CROSS_SLOT -> FsError.CROSS_DEVICE;
      case UNSUPPORTED, OTHER -> FsError.IO;
    };
  }
}
