package io.redisfuse.daemon;

import dagger.Module;
import dagger.Provides;
import dagger.multibindings.IntoMap;
import dagger.multibindings.StringKey;
import io.redisfuse.api.Backend;
import io.redisfuse.api.ServerListener;
import io.redisfuse.backend.redis.RedisBackends;
import io.redisfuse.backend.redis.RedisOptions;
import io.redisfuse.backend.redis.TlsOptions;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code --backend redis}, the default. */
@Module
interface RedisBackendModule {

  @Provides
  @IntoMap
  @StringKey(BackendChoice.REDIS)
  static Backend redis(BackendChoice choice, ServerListener listener) {
    Server server = choice.server();
    Optional<Supplier<char[]>> password =
        server.password().map(secret -> () -> secret.reveal().toCharArray());
    return RedisBackends.connect(
        new RedisOptions(
            server.uri(),
            password,
            choice.timeout(),
            RedisOptions.DEFAULT_CONNECTIONS,
            choice.scanPause(),
            new TlsOptions(choice.tls().authorities(), identity(choice.tls())),
            listener));
  }

  private static Optional<TlsOptions.Identity> identity(TlsFiles files) {
    return files.identity().map(own -> new TlsOptions.Identity(own.certificate(), own.key()));
  }
}
