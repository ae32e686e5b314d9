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
import org.jspecify.annotations.Nullable;

/// One process's view of a [SimDisk]. Once the process has ended, every operation throws
/// [SimCrash], so that nothing on the process's way out changes the disk.
public final class SimFileSystem extends FileSystem {
  private @Nullable SimDisk disk;
  private Faults faults;
  private final SimProvider provider = new SimProvider(this);

  SimFileSystem(SimDisk disk, Faults faults) {
    this.disk = disk;
    this.faults = faults;
  }

  /// Lets go of everything, as locks of folders are remembered for good.
  void end() {
    disk = null;
    faults = Faults.NONE;
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
    return new SimPath(this, more.length == 0 ? first : first + "/" + String.join("/", more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    String glob = syntaxAndPattern.substring("glob:".length());
    String[] ends = glob.split("\\*", -1);
    if (!syntaxAndPattern.startsWith("glob:") || ends.length != 2) {
      throw new UnsupportedOperationException(syntaxAndPattern);
    }
    return path -> path.toString().startsWith(ends[0]) && path.toString().endsWith(ends[1]);
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
