package io.tidemark.yardsticks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/// PostgreSQL on a folder, at any free port. Says on standard output where it serves, and ends when
/// its standard input does, so that it does not outlive who has started it.
public final class PostgresServer {
  private PostgresServer() {}

  /// @param args the folder, then settings of `postgresql.conf` as `name=value`
  public static void main(String[] args) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(Path.of(args[0]).resolve("program").toFile())
            .setDataDirectory(Path.of(args[0]).resolve("data"));
    for (int i = 1; i < args.length; i++) {
      String[] setting = args[i].split("=", 2);
      builder.setServerConfig(setting[0], setting[1]);
    }
    try (EmbeddedPostgres server = builder.start()) {
      System.out.println("ready at " + server.getJdbcUrl("postgres", "postgres"));
      System.out.flush();
      System.in.transferTo(OutputStream.nullOutputStream());
    }
  }
}
