package io.redisfuse.daemon;

import dagger.Module;
import dagger.Provides;

/** The parts of the settings that others ask for. */
@Module
interface SettingsModule {

  @Provides
  static BackendChoice backend(Settings settings) {
    return settings.backend();
  }
}
