package io.redisfuse.daemon;

import io.redisfuse.api.Durability;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code none}, {@code replicas:N} or {@code aof}. */
final class DurabilityConverter implements ITypeConverter<Durability> {

  private static final Pattern REPLICAS = Pattern.compile("replicas:([1-9]\\d{0,2})");

  @Override
  public Durability convert(String text) {
    Matcher replicas = REPLICAS.matcher(text);
    if (replicas.matches()) {
      return new Durability.Replicas(Integer.parseInt(replicas.group(1)));
    }
    return switch (text) {
      case "none" -> new Durability.Applied();
      case "aof" -> new Durability.AppendOnlyFile();
      default ->
          throw new TypeConversionException(
              "'" + text + "' is neither none, replicas:N (as in replicas:1) nor aof");
    };
  }
}
