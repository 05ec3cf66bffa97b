package io.redisfuse.frontend;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ImportsRunOneWayTest {

  private static final String JDK = "java..";
  private static final String LOG = "org.slf4j..";
  private static final String API = "io.redisfuse.api..";
  private static final String NAMES = "io.redisfuse.frontend.names..";
  private static final String TREE = "io.redisfuse.frontend.tree..";
  private static final String CONFLICTS = "io.redisfuse.frontend.conflicts..";
  private static final String FILES = "io.redisfuse.frontend.files..";
  private static final String FUSE = "io.redisfuse.frontend.fuse..";

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.redisfuse.frontend");

  @Test
  void theClassesAreSeen() {
    assertThat(MAIN.contain("io.redisfuse.frontend.names.Names")).isTrue();
  }

  @Test
  void namesKnowOnlyTheApi() {
    mayOnlyImport(NAMES, NAMES, API, JDK);
  }

  @Test
  void theTreeKnowsOnlyNamesAndTheApi() {
    mayOnlyImport(TREE, TREE, NAMES, API, LOG, JDK);
  }

  @Test
  void theKeptTextsKnowOnlyTheApi() {
    mayOnlyImport(CONFLICTS, CONFLICTS, API, LOG, JDK);
  }

  @Test
  void theFileRulesKnowOnlyTheTreeNamesKeptTextsAndTheApi() {
    mayOnlyImport(FILES, FILES, CONFLICTS, TREE, NAMES, API, LOG, JDK);
  }

  @Test
  void onlyTheMountKnowsANativeLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage(FUSE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jnr..", "ru.serce..", "com.kenai..")
        .check(MAIN);
  }

  @Test
  void noTwoPackagesImportEachOther() {
    slices()
        .matching("io.redisfuse.frontend.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(MAIN);
  }

  private static void mayOnlyImport(String importer, String... imported) {
    classes()
        .that()
        .resideInAPackage(importer)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(imported)
        .allowEmptyShould(true)
        .check(MAIN);
  }
}
