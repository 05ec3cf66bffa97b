package io.redisfuse.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Change.Append;
import io.redisfuse.api.Change.Expire;
import io.redisfuse.api.Change.Move;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many writers at once: what succeeded adds up exactly, and nothing of anyone's is lost. */
interface RivalContract extends ContractFixture {

  int RIVALS = 8;

  private Backend backendOf(int rival) {
    return rival % 2 == 0 ? backend() : another();
  }

  private static int number(Snapshot snapshot) {
    return Integer.parseInt(snapshot.content().toUtf8());
  }

  private static Bytes number(int number) {
    return Bytes.utf8(Integer.toString(number));
  }

  @ParameterizedTest
  @EnumSource
  default void theSuccessesOfRivalsAddUpExactly(CellKind kind) throws Exception {
    Cell cell = kind.of(key("counter"));
    put(cell, number(0));
    another();

    List<Integer> successes =
        Rivals.race(
            RIVALS,
            rival -> {
              int won = 0;
              for (int attempt = 0; attempt < 150; attempt++) {
                won += tryToIncrement(backendOf(rival), cell) ? 1 : 0;
              }
              return won;
            });

    int total = successes.stream().mapToInt(Integer::intValue).sum();
    assertThat(total).isPositive();
    assertHolds(cell, number(total));
  }

  private static boolean tryToIncrement(Backend backend, Cell cell) {
    Snapshot seen = backend.read(cell).orElseThrow();
    try {
      backend.commit(
          Transaction.builder()
              .expect(cell, seen.version())
              .put(cell, number(number(seen) + 1))
              .build());
      return true;
    } catch (ConflictException e) {
      assertThat(e.cell()).isEqualTo(cell);
      assertThat(e.found()).isNotEqualTo(seen.version());
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource
  default void rivalsWhoTryAgainAllSucceed(CellKind kind) throws Exception {
    Cell cell = kind.of(key("counter"));
    put(cell, number(0));
    another();

    Rivals.race(
        RIVALS,
        rival -> {
          for (int won = 0; won < 25; ) {
            won += tryToIncrement(backendOf(rival), cell) ? 1 : 0;
          }
          return true;
        });

    assertHolds(cell, number(RIVALS * 25));
  }

  @ParameterizedTest
  @EnumSource
  default void onlyOneOfManyMakesACell(CellKind kind) throws Exception {
    another();
    for (int round = 0; round < 20; round++) {
      Cell cell = kind.of(key("k" + round));

      List<Boolean> made =
          Rivals.race(
              RIVALS,
              rival -> {
                try {
                  backendOf(rival)
                      .commit(
                          Transaction.builder()
                              .expect(cell, Version.ABSENT)
                              .put(cell, number(rival))
                              .build());
                  return true;
                } catch (ConflictException e) {
                  return false;
                }
              });

      assertThat(made).containsOnlyOnce(true);
      assertHolds(cell, number(made.indexOf(true)));
    }
  }

  @ParameterizedTest
  @EnumSource
  default void appendersLoseNothingAndNeverConflict(CellKind kind) throws Exception {
    Cell cell = kind.of(key("log"));
    another();

    Rivals.race(
        RIVALS,
        rival -> {
          for (int i = 0; i < 40; i++) {
            Bytes line = Bytes.utf8(rival + " " + i + "\n");
            backendOf(rival).commit(Transaction.of(new Append(cell, line)));
          }
          return true;
        });

    List<String> lines = content(cell).orElseThrow().toUtf8().lines().toList();
    assertThat(lines).hasSize(RIVALS * 40).doesNotHaveDuplicates();
    for (int rival = 0; rival < RIVALS; rival++) {
      String mine = rival + " ";
      List<String> inOrder = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        inOrder.add(mine + i);
      }
      assertThat(lines.stream().filter(line -> line.startsWith(mine)).toList()).isEqualTo(inOrder);
    }
  }

  @Test
  default void writersOfDifferentFieldsOfOneHashNeverConflict() throws Exception {
    another();
    for (int rival = 0; rival < RIVALS; rival++) {
      put(field("h", "f" + rival), number(0));
    }

    Rivals.race(
        RIVALS,
        rival -> {
          Cell mine = field("h", "f" + rival);
          for (int i = 0; i < 25; i++) {
            assertThat(tryToIncrement(backendOf(rival), mine)).isTrue();
          }
          return true;
        });

    for (int rival = 0; rival < RIVALS; rival++) {
      assertHolds(field("h", "f" + rival), number(25));
    }
  }

  @ParameterizedTest
  @EnumSource
  default void aTtlThatIsRenewedAllTheTimeIsNoConflict(CellKind kind) throws Exception {
    Cell cell = kind.of(key("k"));
    put(cell, number(0));
    another();

    Rivals.race(
        3,
        rival -> {
          for (int i = 0; i < 60; i++) {
            if (rival == 0) {
              assertThat(tryToIncrement(backend(), cell)).isTrue();
            } else {
              another().commit(Transaction.of(new Expire(key("k"), Optional.of(HOUR))));
            }
          }
          return true;
        });

    assertHolds(cell, number(60));
    assertExpiresInAnHour(key("k"));
  }

  @Test
  default void onlyOneOfManyMovesACell() throws Exception {
    another();
    for (int round = 0; round < 10; round++) {
      Cell from = round % 2 == 0 ? string("s" + round) : field("h", "f" + round);
      put(from, "content");
      String to = "to" + round + "-";

      List<Boolean> moved =
          Rivals.race(
              RIVALS,
              rival -> {
                try {
                  backendOf(rival).commit(Transaction.of(new Move(from, string(to + rival))));
                  return true;
                } catch (ConflictException e) {
                  assertThat(e.cell()).isEqualTo(from);
                  return false;
                }
              });

      assertThat(moved).containsOnlyOnce(true);
      for (int rival = 0; rival < RIVALS; rival++) {
        assertThat(content(string(to + rival)).isPresent()).isEqualTo(moved.get(rival));
      }
    }
  }

  @Test
  default void transfersBetweenCellsKeepTheirSum() throws Exception {
    List<Cell> accounts =
        List.of(string("a"), string("b"), field("h", "a"), field("h", "b"), field("i", "a"));
    accounts.forEach(account -> put(account, number(1_000)));
    AtomicInteger working = new AtomicInteger(RIVALS - 1);
    another();

    List<Integer> consistentViews =
        Rivals.race(
            RIVALS,
            rival -> {
              if (rival == RIVALS - 1) {
                return audit(accounts, working);
              }
              try {
                Random random = new Random(rival);
                for (int done = 0; done < 25; ) {
                  Cell from = accounts.get(random.nextInt(accounts.size()));
                  Cell to = accounts.get(random.nextInt(accounts.size()));
                  done += tryToTransfer(backendOf(rival), from, to, random.nextInt(10)) ? 1 : 0;
                }
                return 0;
              } finally {
                working.decrementAndGet();
              }
            });

    assertThat(consistentViews.get(RIVALS - 1)).isPositive();
    assertThat(accounts.stream().mapToInt(cell -> number(backend().read(cell).orElseThrow())).sum())
        .isEqualTo(accounts.size() * 1_000);
  }

  private static boolean tryToTransfer(Backend backend, Cell from, Cell to, int amount) {
    if (from.equals(to)) {
      return false;
    }
    Snapshot source = backend.read(from).orElseThrow();
    Snapshot target = backend.read(to).orElseThrow();
    try {
      backend.commit(
          Transaction.builder()
              .expect(from, source.version())
              .expect(to, target.version())
              .put(from, number(number(source) - amount))
              .put(to, number(number(target) + amount))
              .build());
      return true;
    } catch (ConflictException e) {
      return false;
    }
  }

  /**
   * Reads the accounts one by one while they change. When a transaction says that all of them hold
   * at one moment what was read, their sum is right; how often that was so.
   */
  private int audit(List<Cell> accounts, AtomicInteger working) {
    int consistent = 0;
    Set<Integer> sums = new HashSet<>();
    while (working.get() > 0 || consistent == 0) {
      int sum = 0;
      Transaction.Builder transaction = Transaction.builder();
      for (Cell account : accounts) {
        Snapshot snapshot = backend().read(account).orElseThrow();
        transaction.expect(account, snapshot.version());
        sum += number(snapshot);
      }
      try {
        backend().commit(transaction.build());
        consistent++;
        sums.add(sum);
      } catch (ConflictException e) {
        continue;
      }
    }
    assertThat(sums).containsExactly(accounts.size() * 1_000);
    return consistent;
  }
}
