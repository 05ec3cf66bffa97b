package io.redisfuse.daemon;

import dagger.Module;
import dagger.Provides;
import dagger.multibindings.IntoMap;
import dagger.multibindings.StringKey;
import io.redisfuse.api.Backend;
import io.redisfuse.backend.memory.MemoryBackend;

/** {@code --backend memory}: everything is gone when the daemon leaves. */
@Module
interface MemoryBackendModule {

  @Provides
  @IntoMap
  @StringKey("memory")
  static Backend memory() {
    return new MemoryBackend();
  }
}
