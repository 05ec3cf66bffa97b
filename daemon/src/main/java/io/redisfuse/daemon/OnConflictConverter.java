package io.redisfuse.daemon;

import io.redisfuse.frontend.files.FileSystemOptions.OnConflict;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code reject} or {@code overwrite}. */
final class OnConflictConverter implements ITypeConverter<OnConflict> {

  @Override
  public OnConflict convert(String text) {
    return switch (text) {
      case "reject" -> OnConflict.REJECT;
      case "overwrite" -> OnConflict.OVERWRITE;
      default ->
          throw new TypeConversionException("'" + text + "' is neither reject nor overwrite");
    };
  }
}
