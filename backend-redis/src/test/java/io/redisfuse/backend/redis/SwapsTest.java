package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SwapsTest {

  /** In the answers, a / is the end of a line. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "# Commandstats/cmdstat_swapdb:calls=7,usec=12/                           | 7",
        "# Commandstats/cmdstat_get:calls=3,usec=1/cmdstat_swapdb:calls=1234567890123,usec=1 |"
            + " 1234567890123",
        "# Commandstats//cmdstat_swapdb:calls=5                                   | 5",
        "# Commandstats/cmdstat_swap/cmdstat_swapdb:calls=9/                      | 9",
        "# Commandstats/cmdstat_get:calls=3,usec=1/                               | 0",
        "# Commandstats/cmdstat_xcmdstat_swapdb:calls=3,usec=1/                   | 0",
        "# Commandstats/cmdstat_swapdb:calls=                                     | 0",
        "# Commandstats/cmdstat_swapdb:cal                                        | 0",
        "''                                                                       | 0",
      })
  void theNumberIsFound(String answer, long count) {
    assertThat(Swaps.count(answer.replace("/", "\r\n").getBytes(US_ASCII))).isEqualTo(count);
  }
}
