package io.redisfuse.daemon;

import io.redisfuse.frontend.files.FileSystemOptions.Locking;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code shared} or {@code local}. */
final class LockingConverter implements ITypeConverter<Locking> {

  @Override
  public Locking convert(String text) {
    return switch (text) {
      case "shared" -> Locking.SHARED;
      case "local" -> Locking.LOCAL;
      default -> throw new TypeConversionException("'" + text + "' is neither shared nor local");
    };
  }
}
