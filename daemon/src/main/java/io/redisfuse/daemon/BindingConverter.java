package io.redisfuse.daemon;

import io.redisfuse.frontend.fuse.MountOptions.Binding;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code libfuse} or {@code kernel}. */
final class BindingConverter implements ITypeConverter<Binding> {

  @Override
  public Binding convert(String text) {
    return switch (text) {
      case "libfuse" -> Binding.LIBFUSE;
      case "kernel" -> Binding.KERNEL;
      default -> throw new TypeConversionException("'" + text + "' is neither libfuse nor kernel");
    };
  }
}
