package io.tidemark.server.background;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Threads that write and merge files. Where processors are scarce, those who answer and apply come
/// first: otherwise a few of these threads make every answer wait for its turn behind them.
///
/// On Linux each thread has a niceness of its own (setpriority(2)), and a thread inherits that of
/// the one that starts it. So nothing that may wake a virtual thread belongs here: it could start
/// the carrier on which requests are served from then on. Elsewhere than on Linux they are threads
/// like any other: there, niceness is that of the whole process.
public final class BackgroundThreads {
  private static final Logger log = LoggerFactory.getLogger(BackgroundThreads.class);

  /// What they have more than the process. Each step is a factor of 1.25 (sched(7)): beside a
  /// thread of the process, one of these gets a quarter of a processor. With less, applying would
  /// wait too long for what is to be written.
  private static final int NICER = 5;

  private static final int MOST = 19;
  private static final int PRIO_PROCESS = 0;
  private static final int THIS_THREAD = 0;

  private BackgroundThreads() {}

  /// Makes daemon threads `name-1`, `name-2` and so on.
  public static ThreadFactory factory(String name) {
    ThreadFactory usual = Thread.ofPlatform().name(name + "-", 1).daemon().factory();
    return work ->
        usual.newThread(
            () -> {
              giveWay();
              work.run();
            });
  }

  /// Has something done on such a thread, and waits for it: threads that it starts inherit the
  /// niceness.
  public static void run(Runnable start) {
    try (ExecutorService thread =
        Executors.newSingleThreadExecutor(factory("tidemark-background"))) {
      CompletableFuture.runAsync(start, thread).join();
    }
  }

  private static void giveWay() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return;
    }
    try {
      ValueLayout.OfInt integer = ValueLayout.JAVA_INT;
      MethodHandle get = call("getpriority", FunctionDescriptor.of(integer, integer, integer));
      MethodHandle set =
          call("setpriority", FunctionDescriptor.of(integer, integer, integer, integer));
      // The process's number is that of its first thread, too.
      int process = Math.toIntExact(ProcessHandle.current().pid());
      int usual = (int) get.invokeExact(PRIO_PROCESS, process);
      int nicer = Math.min(MOST, usual + NICER);
      int failed = (int) set.invokeExact(PRIO_PROCESS, THIS_THREAD, nicer);
      if (failed != 0) {
        log.debug("{} keeps its priority", Thread.currentThread().getName());
      }
    } catch (Throwable e) {
      // It would still do its work, with others waiting a little longer.
      log.debug("{} keeps its priority", Thread.currentThread().getName(), e);
    }
  }

  // The launcher allows calls to native code.
  @SuppressWarnings("restricted")
  private static MethodHandle call(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }
}
