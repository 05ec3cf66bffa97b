package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a mount has not: programs are told so in the way in which the kernel, the C library or they
 * themselves do it otherwise.
 */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuseMountAbsenceTest {

  private Mounted mounted;

  @BeforeEach
  void mount() throws IOException {
    mounted = new Mounted(MountOptions.Binding.KERNEL);
  }

  @AfterEach
  void unmount() throws IOException {
    mounted.close();
  }

  private String run(String script) throws IOException {
    return mounted.shell.run(script);
  }

  /** Runs lines of Python, where {@code name(call)} says how a call failed. */
  private String python(String... lines) throws IOException {
    return run(
        "python3 - <<'END'\n"
            + "import errno,fcntl,mmap,os,select,stat,termios\n"
            + "def name(call):\n"
            + "  try: return call()\n"
            + "  except OSError as e: return errno.errorcode[e.errno]\n"
            + "open('f','w').write('0123456789')\n"
            + String.join("\n", lines)
            + "\nEND");
  }

  @Test
  void filesAreCopiedHoweverCpWantsTo() throws IOException {
    assertThat(
            run(
                "truncate -s 1M a; printf end >>a; printf x | dd of=a bs=1 seek=300000 conv=notrunc"
                    + " status=none; for how in --reflink=auto --sparse=always --sparse=auto"
                    + " --sparse=never; do cp $how a b; cmp a b && echo same; done;"
                    + " cp --reflink=always a c 2>&1 | grep -o 'not supported'; t=$(mktemp); cp a $t;"
                    + " cmp a $t; cp $t d; cmp a d; rm $t"))
        .isEqualTo("same\nsame\nsame\nsame\nnot supported");
  }

  @Test
  void tarKeepsFilesWithHoles() throws IOException {
    assertThat(
            run(
                "mkdir d; truncate -s 1M d/a; printf end >>d/a; tar -cS d >t; mkdir e; tar -C e -xSf t;"
                    + " cmp d/a e/d/a && stat -c %s e/d/a"))
        .isEqualTo("1048579");
  }

  @Test
  void roomIsMadeByWriting() throws IOException {
    assertThat(
            run(
                "printf abc >f; fallocate -l 100 f 2>&1 | grep -o 'not supported'; stat -c %s f;"
                    + " fallocate -x -l 100 f; stat -c %s f; head -c 3 f; truncate -s 1 f; cat f"))
        .isEqualTo("not supported\n3\n100\nabca");
  }

  @Test
  void aFileIsAllData() throws IOException {
    assertThat(
            python(
                "f=os.open('f',os.O_RDONLY)",
                "print(os.lseek(f,3,os.SEEK_DATA),os.lseek(f,3,os.SEEK_HOLE),end=' ')",
                "print(name(lambda:os.lseek(f,10,os.SEEK_DATA)),os.lseek(f,-1,os.SEEK_END))"))
        .isEqualTo("3 10 ENXIO 9");
  }

  @Test
  void theKernelCopiesBetweenFilesByItself() throws IOException {
    assertThat(
            python(
                "a=os.open('f',os.O_RDONLY)",
                "b=os.open('g',os.O_RDWR|os.O_CREAT)",
                "n=name(lambda:os.copy_file_range(a,b,6,2,1))",
                "print(n,os.pread(b,20,0))",
                "c=os.open('h',os.O_RDWR|os.O_CREAT)",
                "print(os.sendfile(c,a,0,10),os.pread(c,20,0))"))
        .isEqualTo("6 b'\\x00234567'\n10 b'0123456789'");
  }

  @Test
  void aFileIsNoTerminalAndHasNoOtherControls() throws IOException {
    assertThat(
            python(
                "f=os.open('f',os.O_RDWR)",
                "print(os.isatty(f),name(lambda:fcntl.ioctl(f,termios.TCGETS,bytes(64))))",
                "p=select.poll()",
                "p.register(f,select.POLLIN|select.POLLOUT)",
                "print(p.poll(0)[0][1]==select.POLLIN|select.POLLOUT)"))
        .isEqualTo("False ENOTTY\nTrue");
  }

  @Test
  void thereAreNoExtendedAttributesAndNoFilesWithoutNames() throws IOException {
    assertThat(
            python(
                "print(name(lambda:os.getxattr('f','user.x')),end=' ')",
                "print(name(lambda:os.setxattr('f','user.x',b'y')),end=' ')",
                "print(name(lambda:os.removexattr('f','user.x')),end=' ')",
                "print(name(lambda:os.listxattr('f')),end=' ')",
                "print(name(lambda:os.open('.',os.O_TMPFILE|os.O_RDWR)))",
                "os.sync()",
                "print(os.access('f',os.R_OK|os.W_OK),os.stat('f').st_size)"))
        .isEqualTo("ENOTSUP ENOTSUP ENOTSUP ENOTSUP ENOTSUP\nTrue 10");
  }

  @Test
  void aDatabaseIsKeptInAFile() throws IOException {
    assertThat(
            run(
                "python3 - <<'END'\n"
                    + "import os,sqlite3\n"
                    + "for i in range(3):\n"
                    + " if os.fork()==0:\n"
                    + "  d=sqlite3.connect('db',timeout=60)\n"
                    + "  d.execute('create table if not exists t(i,j)')\n"
                    + "  for j in range(5):\n"
                    + "   with d: d.execute('insert into t values(?,?)',(i,j))\n"
                    + "  os._exit(0)\n"
                    + "print([os.wait()[1] for i in range(3)])\n"
                    + "d=sqlite3.connect('db')\n"
                    + "print(d.execute('select count(*) from t').fetchall(),end=' ')\n"
                    + "print(d.execute('pragma integrity_check').fetchall())\n"
                    + "END"))
        .isEqualTo("[0, 0, 0]\n[(15,)] [('ok',)]");
  }
}
