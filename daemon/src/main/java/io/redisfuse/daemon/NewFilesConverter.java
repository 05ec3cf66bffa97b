package io.redisfuse.daemon;

import io.redisfuse.frontend.names.NewFiles;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code rules} or {@code strings}. */
final class NewFilesConverter implements ITypeConverter<NewFiles> {

  @Override
  public NewFiles convert(String text) {
    return switch (text) {
      case "rules" -> NewFiles.RULES;
      case "strings" -> NewFiles.STRINGS;
      default -> throw new TypeConversionException("'" + text + "' is neither rules nor strings");
    };
  }
}
