package io.tidemark.testing.readers;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import org.apache.spark.sql.SparkSession;

/// Answers questions about a stream in an archive by Spark, as it comes.
public final class SparkQueries {
  private SparkQueries() {}

  /// Prints the number of the question, a tab and an object for each row; what is null is not in it.
  ///
  /// @param args a folder for what Spark leaves behind; an archive, whose Iceberg tables are those
  ///     of the catalog `tidemark`; a stream of it, whose folders are a table under its name; and
  ///     questions in SQL
  public static void main(String[] args) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.local.dir", args[0])
            .config("spark.sql.warehouse.dir", args[0])
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.catalog.tidemark", "org.apache.iceberg.spark.SparkCatalog")
            .config("spark.sql.catalog.tidemark.type", "hadoop")
            .config("spark.sql.catalog.tidemark.warehouse", args[1])
            .getOrCreate();
    String archive = args[1];
    String stream = args[2];
    spark
        .read()
        .option("basePath", archive)
        .parquet(archive + "/stream=" + stream)
        .createOrReplaceTempView(stream);
    for (int i = 3; i < args.length; i++) {
      Iterator<String> rows = spark.sql(args[i]).toJSON().toLocalIterator();
      while (rows.hasNext()) {
        out.print((i - 3) + "\t" + rows.next() + "\n");
      }
    }
    out.flush();
    spark.stop();
  }
}
