package io.tidemark.server.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A disk of its own for a test: small, or one whose power can be cut. To mount it takes the rights
/// of root; unmounted on closing.
final class Disk implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path path;
  private final List<String> mount;

  private Disk(Path path, List<String> mount) {
    this.path = path;
    this.mount = mount;
    mount();
  }

  /// A disk in memory, which is soon full.
  static Disk small(Path path, int megabytes) throws IOException {
    Files.createDirectories(path);
    return new Disk(
        path, List.of("mount", "-t", "tmpfs", "-o", size(megabytes), "tmpfs", "" + path));
  }

  private static String size(int megabytes) {
    return "size=" + megabytes + "m";
  }

  /// A file system (ext4) in a file, as it would be on a disk: with a journal, and with what was
  /// not forced to it in the memory of the kernel only.
  static Disk withPower(Path path, int megabytes) throws IOException {
    Files.createDirectories(path);
    Path image = path.resolveSibling(path.getFileName() + ".img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) megabytes << 20);
    }
    run("mkfs.ext4", "-q", "-F", image.toString());
    return new Disk(path, List.of("mount", "-o", "loop", image.toString(), path.toString()));
  }

  private void mount() {
    run(mount.toArray(String[]::new));
  }

  private static void run(String... words) {
    List<String> command = new ArrayList<>(List.of(words));
    try (Command tool = Command.start(Path.of("/"), Map.of(), command)) {
      if (tool.exitCode(PATIENCE) != 0) {
        throw new AssertionError(
            "%s%nThis test mounts disks: it needs Linux, the rights of root, ext4 and loop devices"
                .formatted(tool));
      }
    } catch (UncheckedIOException e) {
      throw new AssertionError("this test needs the program " + words[0] + " on the PATH", e);
    }
  }

  Path path() {
    return path;
  }

  long freeBytes() throws IOException {
    return Files.getFileStore(path).getUsableSpace();
  }

  /// Makes a small disk larger.
  void resize(int megabytes) {
    run("mount", "-o", "remount," + size(megabytes), path.toString());
  }

  /// Writes a file that leaves so much room.
  Path fillUpTo(String name, long leftBytes) throws IOException {
    Path file = path.resolve(name);
    byte[] zeros = new byte[1 << 16];
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      for (long left = freeBytes() - leftBytes; left > 0; left = freeBytes() - leftBytes) {
        out.seek(out.length());
        out.write(zeros, 0, (int) Math.min(left, zeros.length));
      }
    } catch (IOException e) {
      if (leftBytes > 0) {
        throw e;
      }
      // Full: somebody else took the last of it.
    }
    return file;
  }

  /// From this moment nothing more gets to the disk, and what had not been forced to it is lost:
  /// the kernel's `EXT4_IOC_SHUTDOWN` without a flush of the journal, by which file systems
  /// themselves are tested.
  void cutPower() {
    int direction = 2 << 30;
    int request = direction | 4 << 16 | 'X' << 8 | 125;
    int dropTheJournal = 2;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flags = arena.allocateFrom(ValueLayout.JAVA_INT, dropTheJournal);
      int folder = (int) OPEN.invokeExact(arena.allocateFrom(path.toString()), 0);
      int result = (int) IOCTL.invokeExact(folder, Integer.toUnsignedLong(request), flags);
      int _ = (int) CLOSE.invokeExact(folder);
      if (folder < 0 || result != 0) {
        throw new AssertionError("the power of " + path + " could not be cut");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /// Mounts again what the disk has, once no process uses it any more.
  void restorePower() {
    run("umount", path.toString());
    mount();
  }

  @Override
  public void close() {
    run("umount", "--lazy", path.toString());
  }

  private static final MethodHandle OPEN =
      function("open", 2, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle IOCTL =
      function("ioctl", 2, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
  private static final MethodHandle CLOSE = function("close", 1, ValueLayout.JAVA_INT);

  /// A function of the C library that returns an int.
  ///
  /// @param fixed how many of its arguments are not variable
  private static MethodHandle function(
      String name, int fixed, java.lang.foreign.MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
        fixed < arguments.length || name.equals("open")
            ? new Linker.Option[] {Linker.Option.firstVariadicArg(fixed)}
            : new Linker.Option[0]);
  }
}
