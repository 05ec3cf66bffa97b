package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;

/**
 * How TLS is spoken: whom to trust, and as whom to show ourselves. The name of the host is checked
 * in any case.
 *
 * @param authorities a PEM file with the certificates of the authorities that are trusted; without
 *     one, those that Java trusts
 * @param identity what a server gets to see that asks for a certificate
 */
public record TlsOptions(Optional<Path> authorities, Optional<Identity> identity) {

  /** Those whom Java trusts are trusted, and nothing is shown. */
  public static final TlsOptions DEFAULTS = new TlsOptions(Optional.empty(), Optional.empty());

  private static final String STORE = "PKCS12";

  /** Of stores that never leave this process. */
  private static final char[] IN_MEMORY = {'-'};

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]+)-----END");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  /**
   * A certificate and its key.
   *
   * @param certificate a PEM file, with the certificates of authorities between after it, if there
   *     are any
   * @param key a PEM file with a key that is not encrypted, in PKCS #8
   */
  public record Identity(Path certificate, Path key) {
    public Identity {
      Objects.requireNonNull(certificate, "certificate");
      Objects.requireNonNull(key, "key");
    }
  }

  public TlsOptions {
    Objects.requireNonNull(authorities, "authorities");
    Objects.requireNonNull(identity, "identity");
  }

  /**
   * The same for Jedis.
   *
   * @throws IllegalArgumentException if a file is not what it should be; the message says which,
   *     and what to do
   */
  SslOptions forJedis() {
    try {
      SslOptions.Builder options = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
      if (authorities.isPresent()) {
        options.trustStoreType(STORE).truststore(stored(trusted(authorities.get())), IN_MEMORY);
      }
      if (identity.isPresent()) {
        options.keyStoreType(STORE).keystore(stored(own(identity.get())), IN_MEMORY);
      }
      return options.build();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage() + ".", e);
    }
  }

  private static KeyStore trusted(Path file) throws GeneralSecurityException, IOException {
    KeyStore trusted = empty();
    int count = 0;
    for (Certificate authority : certificates(file)) {
      trusted.setCertificateEntry("authority " + count++, authority);
    }
    return trusted;
  }

  private static KeyStore own(Identity identity) throws GeneralSecurityException, IOException {
    Certificate[] chain = certificates(identity.certificate()).toArray(Certificate[]::new);
    KeyStore own = empty();
    own.setKeyEntry("own", key(identity.key()), IN_MEMORY, chain);
    return own;
  }

  private static SslOptions.Resource stored(KeyStore store)
      throws GeneralSecurityException, IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    store.store(bytes, IN_MEMORY);
    return () -> new ByteArrayInputStream(bytes.toByteArray());
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(STORE);
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws GeneralSecurityException {
    Collection<? extends Certificate> certificates;
    try {
      certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(read(file)));
    } catch (GeneralSecurityException e) {
      throw notPem(file, "certificate", e);
    }
    if (certificates.isEmpty()) {
      throw notPem(file, "certificate", null);
    }
    return certificates;
  }

  private static PrivateKey key(Path file) throws GeneralSecurityException {
    Matcher key = KEY.matcher(new String(read(file), US_ASCII));
    if (!key.find()) {
      throw notPem(file, "private key", null);
    }
    if (!key.group(1).isEmpty()) {
      throw new IllegalArgumentException(
          "The key in "
              + file
              + " is encrypted or in an old form; write it anew with: openssl pkcs8 -topk8 -nocrypt"
              + " -in OLD -out NEW.");
    }
    byte[] bytes;
    try {
      bytes = Base64.getMimeDecoder().decode(key.group(2));
    } catch (IllegalArgumentException e) {
      throw notPem(file, "private key", e);
    }
    for (String algorithm : ALGORITHMS) {
      Optional<PrivateKey> found = key(bytes, algorithm);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw notPem(file, "private key", null);
  }

  /** Empty if it is one of another algorithm. */
  private static Optional<PrivateKey> key(byte[] bytes, String algorithm)
      throws GeneralSecurityException {
    try {
      return Optional.of(
          KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes)));
    } catch (InvalidKeySpecException e) {
      return Optional.empty();
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("There is no file " + file + "; name one in PEM form.", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "The file " + file + " cannot be read (" + e.getMessage() + ").", e);
    }
  }

  private static IllegalArgumentException notPem(Path file, String what, Exception cause) {
    // The cause may quote what is in the file.
    return new IllegalArgumentException(
        "There is no " + what + " in " + file + "; name a file in PEM form.",
        cause instanceof GeneralSecurityException ? cause : null);
  }
}
