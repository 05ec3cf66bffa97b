package io.redisfuse.daemon;

import dagger.Binds;
import dagger.Module;

/** Shows a backend as files, mounted with FUSE. */
@Module
interface FuseModule {

  @Binds
  Frontend frontend(FuseFrontend frontend);
}
