package io.tidemark.shard.sim.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An open file or folder of a [SimFileSystem].
final class SimChannel extends FileChannel {
  private final SimFileSystem files;
  private final Inode inode;
  private final String about;
  private final boolean writes;
  private int position;

  SimChannel(SimFileSystem files, Inode inode, String about, boolean writes) {
    this.files = files;
    this.inode = inode;
    this.about = about;
    this.writes = writes;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int read = read(into, position);
    position += Math.max(0, read);
    return read;
  }

  @Override
  public int read(ByteBuffer into, long at) throws IOException {
    files.look("read " + about);
    byte[] content = inode.content();
    int count = Math.min(into.remaining(), content.length - (int) at);
    if (count <= 0) {
      return into.hasRemaining() ? -1 : 0;
    }
    into.put(content, (int) at, count);
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int written = write(from, position);
    position += written;
    return written;
  }

  @Override
  public int write(ByteBuffer from, long at) throws IOException {
    if (!writes) {
      throw new NonWritableChannelException();
    }
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    files.change(
        "write " + about,
        half -> inode.write((int) at, half ? Arrays.copyOf(bytes, bytes.length / 2) : bytes));
    return bytes.length;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    try {
      files.change("sync " + about, _ -> inode.sync());
    } catch (SimFailure e) {
      inode.syncFailed();
      throw e;
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public FileChannel position(long newPosition) {
    position = (int) newPosition;
    return this;
  }

  @Override
  public long size() {
    return inode.content().length;
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    files.change("truncate " + about, _ -> inode.truncate((int) size));
    return this;
  }

  @Override
  public @Nullable FileLock tryLock(long at, long size, boolean shared) throws IOException {
    files.look("lock " + about);
    if (files.disk().locks.putIfAbsent(inode, this) != null) {
      return null;
    }
    return new FileLock(this, at, size, shared) {
      @Override
      public boolean isValid() {
        return isOpen();
      }

      @Override
      public void release() {
        unlock();
      }
    };
  }

  private void unlock() {
    if (files.isOpen()) {
      files.disk().locks.remove(inode, this);
    }
  }

  @Override
  protected void implCloseChannel() {
    unlock();
  }

  @Override
  public FileLock lock(long at, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferTo(long at, long count, WritableByteChannel target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long at, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long at, long size) {
    throw new UnsupportedOperationException();
  }
}
