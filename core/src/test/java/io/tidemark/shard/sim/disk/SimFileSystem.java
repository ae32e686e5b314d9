package io.tidemark.shard.sim.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One process's view of a [SimDisk]. Once the process has ended, every operation throws
/// [SimCrash], so that nothing on the process's way out changes the disk.
public final class SimFileSystem extends FileSystem {
  private @Nullable SimDisk disk;
  private final Faults faults;
  private final SimProvider provider = new SimProvider(this);

  SimFileSystem(SimDisk disk, Faults faults) {
    this.disk = disk;
    this.faults = faults;
  }

  /// Lets go of the disk, as locks of folders are remembered for good.
  void end() {
    disk = null;
  }

  SimDisk disk() {
    SimDisk mine = disk;
    if (mine == null) {
      throw new SimCrash("an operation of a process that has ended");
    }
    return mine;
  }

  /// What an operation does to the disk.
  interface Effect {
    /// @param half whether only half of it is to happen, where it has halves
    void run(boolean half) throws IOException;
  }

  /// An operation that changes nothing.
  void look(String operation) throws IOException {
    change(operation, _ -> {});
  }

  /// A look at what there is: it does not fail, as `java.nio` itself takes a failure for a no.
  void peek(String operation) throws IOException {
    disk();
    switch (faults.next(operation)) {
      case NONE, FAIL_BEFORE, FAIL_AFTER -> {}
      case CRASH_BEFORE, CRASH_AFTER -> throw faults.crash(operation);
    }
    disk();
  }

  void change(String operation, Effect effect) throws IOException {
    disk();
    Fault fault = faults.next(operation);
    // Others may have acted meanwhile.
    disk();
    switch (fault) {
      case NONE -> effect.run(false);
      case FAIL_BEFORE -> throw new SimFailure(operation);
      case CRASH_BEFORE -> throw faults.crash(operation);
      case FAIL_AFTER -> {
        effect.run(true);
        throw new SimFailure(operation);
      }
      case CRASH_AFTER -> {
        effect.run(true);
        throw faults.crash(operation);
      }
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public Path getPath(String first, String... more) {
    return new SimPath(
        this, Stream.concat(Stream.of(first), Stream.of(more)).collect(Collectors.joining("/")));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    String glob = syntaxAndPattern.substring("glob:".length());
    if (!syntaxAndPattern.startsWith("glob:") || !glob.matches("[\\w.*-]+")) {
      throw new UnsupportedOperationException(syntaxAndPattern);
    }
    Pattern pattern =
        Pattern.compile(
            Stream.of(glob.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    return path -> pattern.matcher(path.toString()).matches();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isOpen() {
    return disk != null;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(getPath("/"));
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic");
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
