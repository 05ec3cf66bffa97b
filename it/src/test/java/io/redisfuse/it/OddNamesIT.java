package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.redisfuse.api.Bytes;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Names that programs get wrong: each is a key of exactly these bytes. */
class OddNamesIT {

  @RegisterExtension final Workplace place = new Workplace();

  /**
   * @param name as it is given to open(2)
   * @param listed what the directory then lists
   */
  private record OddName(Bytes name, Bytes listed) {

    static OddName plain(String name) {
      return new OddName(Bytes.utf8(name), Bytes.utf8(name));
    }

    static OddName escaped(String name, String listed) {
      return new OddName(Bytes.utf8(name), Bytes.utf8(listed));
    }
  }

  private static final List<OddName> NAMES =
      List.of(
          OddName.plain("with space"),
          OddName.plain(" "),
          OddName.plain("-rf"),
          OddName.plain("--"),
          OddName.plain("*"),
          OddName.plain("'quotes\"`$(reboot)"),
          OddName.plain("back\\slash"),
          OddName.plain("ключ"),
          OddName.plain("名前"),
          OddName.plain("🔑🗝"),
          OddName.plain("e\u0301 is not \u00e9"),
          OddName.plain("\u00e9"),
          OddName.plain("~"),
          OddName.plain("100%"),
          OddName.plain("50%off"),
          OddName.plain("%41 is no escape"),
          OddName.plain("..."),
          OddName.plain("..a"),
          OddName.plain("x".repeat(255)),
          OddName.plain("é".repeat(127) + "x"),
          OddName.escaped("new\nline", "new%0Aline"),
          OddName.escaped("\t", "%09"),
          OddName.escaped("bell\u0007", "bell%07"),
          new OddName(bytes("61ff62"), Bytes.utf8("a%FFb")),
          new OddName(bytes("c328"), Bytes.utf8("%C3(")),
          new OddName(bytes("eda080"), Bytes.utf8("%ED%A0%80")));

  @TestFactory
  Stream<DynamicTest> eachNameIsOneKeyAndOneFile() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);
    return NAMES.stream()
        .map(odd -> dynamicTest("<" + odd.listed() + ">", () -> require(redis, shell, odd)));
  }

  private static void require(Redis redis, Shell shell, OddName odd) {
    redis.with(client -> client.flushAll());
    String name = "./" + quoted(odd.name());
    String listed = "./" + quoted(odd.listed());

    shell.run("n=" + name + "; echo one > \"$n\"; echo two >> \"$n\"; cat \"$n\"");
    boolean isField = odd.name().indexOf(Bytes.utf8("."), 1) > 0;
    if (!isField) {
      assertThat(redis.keyspace())
          .isEqualTo(Keyspace.empty().string(odd.name(), Bytes.utf8("one\ntwo\n")));
    }
    assertThat(hex(shell.run("ls -AU | tr -d '\\n' | od -An -v -tx1")))
        .isEqualTo(hex(odd.listed()));
    assertThat(shell.run("cat " + listed + "; stat -c %s " + listed)).isEqualTo("one\ntwo\n8\n");

    shell.run("mv " + listed + " plain; mv plain " + name + "; mkdir d; mv " + name + " d");
    shell.run("n=" + name + "; test -s \"d/$n\"; rm \"d/$n\"; rmdir d; mkdir \"$n\"; : > \"$n/x\"");
    if (!isField) {
      Bytes marker = odd.name().concat(Bytes.utf8(":"));
      assertThat(redis.keyspace())
          .isEqualTo(
              Keyspace.empty()
                  .string(marker, Bytes.EMPTY)
                  .string(marker.concat(Bytes.utf8("x")), Bytes.EMPTY));
    }
    shell.run("rm -r " + listed);
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty());
  }

  @Test
  void aNameThatIsTooLongIsRefused() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));
    String long256 = "x".repeat(256);

    shell.attempt("echo > " + long256).requireFailure("File name too long");
    shell.attempt("mkdir " + long256).requireFailure("File name too long");
    shell.run("echo x > short");
    shell.attempt("mv short " + long256).requireFailure("File name too long");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("short", "x\n"));
  }

  @Test
  void aNameWithTheDelimiterIsRefused() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));

    shell.attempt("echo > a:b").requireFailure("Invalid argument");
    shell.attempt("mkdir a:b").requireFailure("Invalid argument");
    shell.attempt("cat a:b").requireFailure("No such file or directory");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty());
  }

  @Test
  void anEscapeIsTheByteThatItStandsFor() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));

    shell.run("echo slash > a%2Fb; echo nul > a%00b; echo percent > a%252F; echo % > %25");

    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("a/b", "slash\n")
                .string("a\0b", "nul\n")
                .string("a%2F", "percent\n")
                .string("%", "%\n"));
    assertThat(shell.run("LC_ALL=C ls")).isEqualTo("%25\na%00b\na%252F\na%2Fb\n");
    // A percent sign alone is the empty segment, and a key that ends so is a marker.
    shell.attempt("echo > %").requireFailure("Invalid argument");
  }

  @Test
  void namesOfControlCharactersMayBeLongerThanTheirEscapesFit() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));
    Bytes name = Bytes.utf8("\n".repeat(200));

    shell.run("echo x > ./" + quoted(name));

    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string(name, Bytes.utf8("x\n")));
    assertThat(shell.run("ls | wc -l; cat *")).isEqualTo("1\nx\n");
    shell.run("rm *");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty());
  }

  /** In bash's way of writing any bytes. */
  private static String quoted(Bytes name) {
    return "$'" + HexFormat.of().formatHex(name.toByteArray()).replaceAll("..", "\\\\x$0") + "'";
  }

  private static Bytes bytes(String hex) {
    return Bytes.wrap(HexFormat.of().parseHex(hex));
  }

  private static String hex(Bytes bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static String hex(String dump) {
    return dump.replaceAll("\\s", "");
  }
}
