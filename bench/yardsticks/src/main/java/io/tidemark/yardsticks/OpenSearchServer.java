package io.tidemark.yardsticks;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/// OpenSearch on a folder, one node. Says on standard output where it serves, and ends when its
/// standard input does, so that it does not outlive who has started it.
public final class OpenSearchServer {
  private static final int FIRST_PORT = 9200;

  private OpenSearchServer() {}

  /// @param args the folder
  public static void main(String[] args) throws IOException {
    // OpenSearch takes the standard streams over.
    InputStream in = System.in;
    try (OutputStream out = new FileOutputStream(FileDescriptor.out);
        OpenSearchRunner runner = new OpenSearchRunner()) {
      runner
          .onBuild(
              (number, settings) -> {
                settings.put("network.host", "127.0.0.1");
                settings.put("discovery.type", "single-node");
                settings.remove("cluster.initial_cluster_manager_nodes");
                // The disk is shared with what was measured before.
                settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
              })
          .build(
              OpenSearchRunner.newConfigs()
                  .basePath(args[0])
                  .baseHttpPort(FIRST_PORT)
                  .numOfNode(1)
                  .disableESLogger());
      String port = runner.node().settings().get("http.port");
      out.write(("\nready at http://127.0.0.1:" + port + "\n").getBytes(StandardCharsets.UTF_8));
      in.transferTo(OutputStream.nullOutputStream());
    }
    Runtime.getRuntime().halt(0);
  }
}
