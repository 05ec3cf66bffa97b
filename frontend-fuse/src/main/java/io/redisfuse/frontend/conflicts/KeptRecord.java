package io.redisfuse.frontend.conflicts;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How a record of a kept text is written: printable ASCII, a line {@code name=value} for each thing
 * known, between a first line that names the format and a last line that says that nothing is
 * missing. In values, other bytes and {@code %} are {@code %XX}.
 */
final class KeptRecord {

  private static final String FIRST_LINE = "redisfuse-kept-text 1";
  private static final String LAST_LINE = "end";
  private static final String ABSENT = "absent";

  private KeptRecord() {}

  static byte[] encode(KeptText text) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("time", text.time().toString());
    values.put("source", escaped(Bytes.utf8(text.source())));
    if (text.cell() instanceof Cell.FieldCell field) {
      values.put("field", escaped(field.field()));
    }
    values.put("key", escaped(text.cell().key()));
    values.put("reason", text.reason().name());
    text.expected().ifPresent(version -> values.put("expected", version.toString()));
    text.found().ifPresent(version -> values.put("found", version.toString()));
    values.put("process", escaped(Bytes.utf8(text.process())));
    values.put("why", escaped(Bytes.utf8(text.why())));
    values.put("size", Long.toString(text.size()));
    StringBuilder lines = new StringBuilder(FIRST_LINE).append('\n');
    values.forEach((name, value) -> lines.append(name).append('=').append(value).append('\n'));
    return lines.append(LAST_LINE).append('\n').toString().getBytes(US_ASCII);
  }

  /**
   * What was encoded.
   *
   * @throws IllegalArgumentException if it is not a whole record, with the reason
   */
  static KeptText decode(String id, Path file, byte[] record) {
    Map<String, String> values = values(record);
    Bytes key = bytes(required(values, "key"));
    Optional<Bytes> field = Optional.ofNullable(values.get("field")).map(KeptRecord::bytes);
    try {
      return new KeptText(
          id,
          Instant.parse(required(values, "time")),
          text(required(values, "source")),
          field.isPresent() ? Cell.field(key, field.get()) : Cell.string(key),
          Reason.valueOf(required(values, "reason")),
          Optional.ofNullable(values.get("expected")).map(KeptRecord::version),
          Optional.ofNullable(values.get("found")).map(KeptRecord::version),
          text(required(values, "process")),
          text(required(values, "why")),
          file,
          Long.parseLong(required(values, "size")));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Map<String, String> values(byte[] record) {
    List<String> lines = new String(record, US_ASCII).lines().toList();
    if (lines.isEmpty() || !lines.get(0).equals(FIRST_LINE)) {
      throw new IllegalArgumentException("it does not begin with '" + FIRST_LINE + "'");
    }
    if (lines.size() < 2 || !lines.get(lines.size() - 1).equals(LAST_LINE)) {
      throw new IllegalArgumentException("its end is missing");
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : lines.subList(1, lines.size() - 1)) {
      int equals = line.indexOf('=');
      if (equals < 0 || values.put(line.substring(0, equals), line.substring(equals + 1)) != null) {
        throw new IllegalArgumentException("the line '" + line + "' has no place in it");
      }
    }
    return values;
  }

  private static String required(Map<String, String> values, String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("it names no " + name);
    }
    return value;
  }

  private static Version version(String value) {
    return value.equals(ABSENT) ? Version.ABSENT : Version.ofSha1(value);
  }

  private static String text(String value) {
    return bytes(value).toUtf8();
  }

  private static String escaped(Bytes bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length(); i++) {
      int b = bytes.at(i) & 0xff;
      if (b >= 0x20 && b < 0x7f && b != '%') {
        text.append((char) b);
      } else {
        text.append(String.format(Locale.ROOT, "%%%02X", b));
      }
    }
    return text.toString();
  }

  private static Bytes bytes(String escaped) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < escaped.length(); i++) {
      if (escaped.charAt(i) != '%') {
        bytes.write(escaped.charAt(i));
      } else if (i + 2 < escaped.length()) {
        bytes.write(Integer.parseInt(escaped, i + 1, i + 3, 16));
        i += 2;
      } else {
        throw new IllegalArgumentException("'" + escaped + "' ends within an escape");
      }
    }
    return Bytes.wrap(bytes.toByteArray());
  }
}
