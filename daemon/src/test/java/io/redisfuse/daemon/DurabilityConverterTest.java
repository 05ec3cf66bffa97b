package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Durability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurabilityConverterTest {

  private final DurabilityConverter converter = new DurabilityConverter();

  @Test
  void readsWhatIsWaitedFor() {
    assertThat(converter.convert("none")).isEqualTo(new Durability.Applied());
    assertThat(converter.convert("replicas:2")).isEqualTo(new Durability.Replicas(2));
    assertThat(converter.convert("aof")).isEqualTo(new Durability.AppendOnlyFile());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "replicas", "replicas:0", "replicas:-1", "replicas:1000", "disk"})
  void refusesAllElseWithWhatToWrite(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("replicas:1");
  }
}
