package io.tidemark.shard;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Sees to it that a folder has one user, among processes by a lock on the file `lock` in it. The
/// operating system frees it when the process ends, however it ends.
final class FolderLock implements AutoCloseable {
  static final String FILE = "lock";

  /// The folders that this process has open. A process that closes any channel to a locked file may
  /// lose its lock, so a second try must not even open the file.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  static FolderLock take(Path existing) throws IOException {
    Path folder = existing.toRealPath();
    if (!HELD.add(folder)) {
      throw new FolderInUseException(folder);
    }
    try {
      return new FolderLock(folder, locked(folder));
    } catch (IOException | RuntimeException e) {
      HELD.remove(folder);
      throw e;
    }
  }

  private static FileChannel locked(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new FolderInUseException(folder);
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD.remove(folder);
    }
  }
}
