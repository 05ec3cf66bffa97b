package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS with servers that are to be trusted, and with others. */
@Timeout(120)
@Tag("server")
final class TlsTest {

  private static final Cell CELL = Cell.string(Bytes.utf8("key"));
  private static final String PASSWORD = "changeit";

  @TempDir Path files;
  private RedisServer server;
  private int port;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** A certificate and its key. */
  private record Made(Path certificate, Path key) {}

  /** A certificate that is its own authority. */
  private Made make(String name, String... options) throws Exception {
    return make(files.resolve(name + ".p12"), name, options);
  }

  private Made make(Path store, String name, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
    command.addAll(List.of(options));
    Process keytool =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(files.resolve(name + ".log").toFile())
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).isZero();
    KeyStore made = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      made.load(in, PASSWORD.toCharArray());
    }
    return new Made(
        pem(name + ".crt", "CERTIFICATE", made.getCertificate(name).getEncoded()),
        pem(name + ".key", "PRIVATE KEY", made.getKey(name, PASSWORD.toCharArray()).getEncoded()));
  }

  private Path pem(String file, String what, byte[] bytes) throws IOException {
    String text =
        "-----BEGIN "
            + what
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
            + "\n-----END "
            + what
            + "-----\n";
    return Files.writeString(files.resolve(file), text, StandardCharsets.US_ASCII);
  }

  private void start(Made own, Made clients, String asksClients, String... more)
      throws IOException {
    port = Integer.parseInt(freePort());
    List<String> all =
        new ArrayList<>(
            List.of(
                "--tls-port",
                String.valueOf(port),
                "--tls-cert-file",
                own.certificate().toString(),
                "--tls-key-file",
                own.key().toString(),
                "--tls-ca-cert-file",
                clients.certificate().toString(),
                "--tls-auth-clients",
                asksClients));
    all.addAll(List.of(more));
    server = RedisServer.start(all.toArray(String[]::new));
  }

  private Made startForLocalhost() throws Exception {
    Made own = make("server", "-ext", "san=dns:localhost,ip:127.0.0.1");
    start(own, own, "no");
    return own;
  }

  private RedisOptions options(TlsOptions tls) {
    return RedisOptions.of("rediss://localhost:" + port)
        .withTimeLimit(Duration.ofSeconds(2))
        .withTls(tls);
  }

  private static TlsOptions trusting(Made authority) {
    return new TlsOptions(Optional.of(authority.certificate()), Optional.empty());
  }

  private void requireRefusal(RedisOptions options, String... words) {
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> RedisBackends.connect(options).close())
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }

  @Test
  void aTrustedServerIsReadWrittenAndListenedTo() throws Exception {
    Made own = startForLocalhost();
    try (RedisBackend backend = RedisBackend.connect(options(trusting(own)))) {
      RecordingListener listener = new RecordingListener();
      Subscription feed = backend.watch(Bytes.EMPTY, listener);
      backend.commit(Transaction.of(new Change.Put(CELL, Bytes.utf8("text"))));

      assertThat(backend.read(CELL).orElseThrow().content()).isEqualTo(Bytes.utf8("text"));
      assertThat(server.cli("GET", "key")).isEqualTo("text");
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> listener.hasHeardOf("key"));
      feed.close();
    }
  }

  @Test
  void aServerThatNobodyVouchesForIsNotSpokenTo() throws Exception {
    startForLocalhost();

    requireRefusal(options(TlsOptions.DEFAULTS), "not of an authority that is trusted", "--tls-ca");
  }

  @Test
  void aCertificateThatHasExpiredIsSaidSo() throws Exception {
    Path store = files.resolve("both.p12");
    Made authority = make(store, "authority", "-ext", "bc:c");
    Made old =
        make(
            store,
            "old",
            "-signer",
            "authority",
            "-ext",
            "san=dns:localhost,ip:127.0.0.1",
            "-startdate",
            "-20d",
            "-validity",
            "5");
    start(old, authority, "no");

    requireRefusal(options(trusting(authority)), "certificate has expired");
  }

  @Test
  void aCertificateForAnotherHostIsSaidSo() throws Exception {
    Made other = make("other", "-ext", "san=dns:elsewhere.example");
    start(other, other, "no");

    requireRefusal(options(trusting(other)), "certificate is for another host");
  }

  @Test
  void aServerThatWantsACertificateGetsIt() throws Exception {
    Made own = make("server", "-ext", "san=dns:localhost,ip:127.0.0.1");
    Made client = make("client");
    start(own, client, "yes");

    requireRefusal(
        options(trusting(own)), "wants a certificate of ours", "--tls-cert", "--tls-key");
    TlsOptions both =
        new TlsOptions(
            Optional.of(own.certificate()),
            Optional.of(new TlsOptions.Identity(client.certificate(), client.key())));
    try (RedisBackend backend = RedisBackend.connect(options(both))) {
      backend.commit(Transaction.of(new Change.Put(CELL, Bytes.utf8("text"))));
    }
    assertThat(server.cli("GET", "key")).isEqualTo("text");
  }

  /** Its node says its address by itself, without its host and with the port of TLS. */
  @Test
  void aClusterIsSpokenToAsASingleServerIs() throws Exception {
    Made own = make("server", "-ext", "san=dns:localhost,ip:127.0.0.1");
    Made client = make("client");
    start(
        own,
        client,
        "yes",
        "--cluster-enabled",
        "yes",
        "--tls-cluster",
        "yes",
        "--cluster-port",
        freePort());
    assertThat(server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")).isEqualTo("OK");
    String user = "ACL SETUSER bob on >secret ~* &* -@all +@read +@write +@keyspace";
    String more =
        " +@connection +@transaction +@scripting +cluster|slots +cluster|nodes +role +info";
    assertThat(server.cli((user + more).split(" "))).isEqualTo("OK");
    Awaitility.await().until(() -> server.cli("CLUSTER", "INFO").contains("cluster_state:ok"));
    TlsOptions tls =
        new TlsOptions(
            Optional.of(own.certificate()),
            Optional.of(new TlsOptions.Identity(client.certificate(), client.key())));
    RedisOptions options =
        RedisOptions.of("rediss-cluster://bob@localhost:" + port)
            .withTimeLimit(Duration.ofSeconds(2));
    RedisOptions asBob = options.withPassword("secret"::toCharArray);

    try (Backend backend = RedisBackends.connect(asBob.withTls(tls))) {
      RecordingListener listener = new RecordingListener();
      backend.watch(Bytes.EMPTY, listener);
      backend.commit(Transaction.of(new Change.Put(CELL, Bytes.utf8("text"))));
      assertThat(backend.read(CELL).orElseThrow().content()).isEqualTo(Bytes.utf8("text"));
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> listener.hasHeardOf("key"));
      backend.commit(Transaction.of(new Change.Move(CELL, Cell.string(Bytes.utf8("other")))));
    }
    requireRefusal(asBob.withTls(trusting(own)), "wants a certificate of ours", "--tls-cert");
    requireRefusal(asBob.withTls(trusting(client)), "not of an authority that is trusted");
    requireRefusal(
        options.withPassword("wrong"::toCharArray).withTls(tls), "does not accept this user");
  }

  private static String freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return String.valueOf(socket.getLocalPort());
    }
  }

  @Test
  void aPortWithoutTlsIsSaidSo() throws Exception {
    server = RedisServer.start();
    port = server.port();

    requireRefusal(options(TlsOptions.DEFAULTS), "TLS", "rediss://");
  }

  @Test
  void aPortWithTlsIsSaidSo() throws Exception {
    startForLocalhost();
    RedisOptions plain =
        RedisOptions.of("redis://localhost:" + port).withTimeLimit(Duration.ofSeconds(2));

    assertThatExceptionOfType(BackendUnavailableException.class)
        .isThrownBy(() -> RedisBackend.connect(plain).close())
        .withMessageContaining("No Redis answers at localhost:" + port);
  }

  @Test
  void filesThatAreNotWhatTheyShouldBeAreSaidSo() throws Exception {
    Made own = make("server");
    Path text = Files.writeString(files.resolve("text"), "no certificate");
    Path old =
        Files.writeString(
            files.resolve("old.key"),
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    port = 1;

    requireBadFile(new TlsOptions(Optional.of(text), Optional.empty()), "text", "PEM");
    requireBadFile(
        new TlsOptions(Optional.of(files.resolve("none")), Optional.empty()), "none", "no file");
    requireBadFile(identity(own.certificate(), text), "text", "private key");
    requireBadFile(identity(own.certificate(), old), "old.key", "openssl pkcs8");
    requireBadFile(identity(own.certificate(), own.certificate()), "server.crt", "private key");
  }

  private static TlsOptions identity(Path certificate, Path key) {
    return new TlsOptions(Optional.empty(), Optional.of(new TlsOptions.Identity(certificate, key)));
  }

  private void requireBadFile(TlsOptions tls, String... words) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisBackend.connect(options(tls)).close())
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }
}
